#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter::server {

// A piece of text that a search can match, folded (case, width, accents) so that equal bytes mean
// equal words.
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
// Raised when the same text gives other tokens than before, or the index stores them in another
// form: the index is then rebuilt.
inline constexpr int tokens_version = 3;

// The tokens of a text, by position. Bytes that are not UTF-8 separate words. Any thread.
std::vector<Token> tokenize(std::string_view text);

// The tokens that a query's text searches for, at these distances from each other: without the
// parts of words, and without the single character that ends a run of two grams or more, which adds
// nothing to the gram before it. A single character that is a whole run stays: it matches every
// gram that begins with it. Any thread.
std::vector<Token> query_tokens(std::string_view text);

}  // namespace fechatter::server
