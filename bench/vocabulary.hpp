#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::bench {

using Random = std::mt19937_64;

// Draws a rank from 0 on: the probability of rank r is proportional to 1 / (r + offset).
class Zipf {
 public:
  explicit Zipf(std::size_t count, double offset = 2);

  std::size_t draw(Random& random) const;

 private:
  std::vector<double> sums_;
};

enum class Language { english, german, french, russian, korean, chinese, japanese };
inline constexpr std::size_t languages = 7;

// The language is written without blanks between words.
inline bool writes_without_spaces(Language language) {
  return language == Language::chinese || language == Language::japanese;
}
// The script is alphabetic, so that words can be mistyped.
inline bool has_alphabet(Language language) {
  return !writes_without_spaces(language) && language != Language::korean;
}

// Invented words with the look and the distribution of a language: frequent words are short. The
// same seed results in the same words.
class Vocabulary {
 public:
  Vocabulary(Language language, unsigned seed);

  std::size_t size() const { return words_.size(); }
  const std::string& word(std::size_t rank) const { return words_[rank]; }
  std::size_t draw(Random& random) const { return frequency_.draw(random); }

 private:
  std::vector<std::string> words_;  // distinct, the most frequent first
  Zipf frequency_;
};

// The share of this language among all messages.
double share_of(Language language);

// The characters of a UTF-8 text.
std::vector<std::string> characters_of(std::string_view text);

}  // namespace fechatter::bench
