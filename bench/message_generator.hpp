#pragma once

#include <string>
#include <vector>

#include "bench/vocabulary.hpp"

namespace fechatter::bench {

// A mistyped word, or one of no vocabulary.
inline constexpr std::size_t no_rank = static_cast<std::size_t>(-1);

struct GeneratedMessage {
  Language language = Language::english;
  std::vector<std::size_t> ranks;  // of its words, in order
  std::string text;
};

// Generates messages of 3 to 60 words (log-normal, median eight). 5 % also contain a link, an
// e-mail address or a program identifier; 3 % contain a mistyped word. The same seed results in the
// same messages. One thread.
class MessageGenerator {
 public:
  explicit MessageGenerator(unsigned seed);

  GeneratedMessage make(Language language);
  // Drawn by the frequency of the languages.
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

// `word` with typing errors: a missing, extra or wrong character, or two transposed neighbours.
// REQUIRES: four characters per error.
std::string mistyped(const std::string& word, std::size_t errors, Random& random);

}  // namespace fechatter::bench
