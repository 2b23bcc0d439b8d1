#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::server {

// A piece of text that can be found: folded (case, width, accents), so that equal bytes mean equal
// words.
struct Token {
  std::string text;            // at most token_length_max characters; letters, digits, marks, emoji
  std::uint32_t position = 0;  // counts words from 1: neighbours differ by 1
  std::uint32_t begin = 0;     // bytes in the original text …
  std::uint32_t end = 0;       // … up to here
  // A word within a word ("parse" and "config" of "parseConfig"), at the whole one's position.
  bool part = false;
  // Of a script written without spaces: two neighbouring characters, or the last one of a run.
  bool gram = false;
};

inline constexpr std::size_t token_length_max = 64;
// Raised when the same text gives other tokens than before, or they are kept otherwise: the index
// is then built anew.
inline constexpr int tokens_version = 2;

// The tokens of a text, by position. Whatever is not UTF-8 separates words. Any thread.
std::vector<Token> tokenize(std::string_view text);

// What of a query's text is to be looked for: its tokens, at these distances from each other. Left
// out are the parts of words, and the single character that ends two grams or more: what is around
// it says the same. A single character that is all of its run stays: it stands for every gram that
// begins with it. Any thread.
std::vector<Token> query_tokens(std::string_view text);

// Errors of typing that a word forgives: none below 5 characters, one from 5, two from 9; none in
// what has a digit or is no alphabet's (grams, emoji).
std::size_t errors_forgiven(std::string_view token);

// Whether `word` is `token` with at most `errors_max` errors: a character missing, too many or
// another one, or two neighbours exchanged (optimal string alignment distance, in characters).
bool is_misspelling(std::string_view word, std::string_view token, std::size_t errors_max);

}  // namespace fechatter::server
