#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {

// A word in the encoding in which Meilisearch stores and searches it, so that matching does not
// depend on Meilisearch's own rules of words, which differ between its builds. A word of one
// alphabet has its letters behind a letter with which no word begins: so an error in its own first
// letter counts once (Meilisearch counts an error in the first letter twice), and no Arabic article
// is cut off. Every other word (emoji, grams, words of several alphabets) has the code points of
// its characters: "u1f389". All pure; any thread.
struct EncodedWord {
  std::string text;
  bool as_letters = false;  // may match with typing errors
};
EncodedWord encode_word(std::string_view token);

// The tokens of a text without the parts of words.
std::vector<Token> whole_tokens(std::string_view text);

// The encoded words of neighbouring tokens, separated by single spaces. With `by_characters`, a
// gram is only its first character, so that a single character matches.
std::string encode_words(const std::vector<Token>& tokens, bool by_characters);

// The typing errors that Meilisearch tolerates in that word, by the lengths in its settings, which
// are bytes: no fewer than errors_tolerated() of the token, often more.
std::size_t errors_tolerated_there(const EncodedWord& word);
inline constexpr std::size_t one_error_length_min = 7;
inline constexpr std::size_t two_errors_length_min = 11;

}  // namespace fechatter::server
