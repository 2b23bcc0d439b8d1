#pragma once

#include <string>
#include <vector>

#include "bench/vocabulary.hpp"

namespace fechatter::bench {

// A word that was mistyped, or is in no vocabulary.
inline constexpr std::size_t no_rank = static_cast<std::size_t>(-1);

struct GeneratedMessage {
  Language language = Language::english;
  std::vector<std::size_t> ranks;  // of its words, in order
  std::string text;
};

// Invents messages of 3 to 60 words (log-normal, half of them have no more than eight). One of
// twenty has a link, an e-mail address or a name out of a program besides; in 3 % a word is
// mistyped. The same seed gives the same messages. One thread.
class MessageGenerator {
 public:
  explicit MessageGenerator(unsigned seed);

  GeneratedMessage make(Language language);
  // As often as it is spoken.
  Language any_language();
  const Vocabulary& vocabulary(Language language) const {
    return vocabularies_[static_cast<std::size_t>(language)];
  }

 private:
  bool chance(double share);
  std::string word_of(Language language, std::size_t& rank);
  std::string name_of_something();

  Random random_;
  std::vector<Vocabulary> vocabularies_;
  std::discrete_distribution<std::size_t> speakers_;
};

// `word` with so many errors of typing: a character missing, one too many, another one, or two
// neighbours exchanged. REQUIRES: it has four characters for each.
std::string mistyped(const std::string& word, std::size_t errors, Random& random);

}  // namespace fechatter::bench
