#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {

// Our words as Meilisearch is given them, so that it finds by our rules whatever its own rules of
// words are, which depend on how it was built. A word of one alphabet stays as it is, behind a
// letter that no word begins with: an error in its own first letter is an error like any other
// then (Meilisearch counts one in the first letter twice), and no article is cut off (Arabic).
// Everything else (emoji, characters of scripts without spaces, words of several alphabets) is
// spelt by the numbers of its characters: "u1f389". All pure; any thread.
struct WrittenWord {
  std::string text;
  bool as_letters = false;  // and so to be told from others by errors of typing
};
WrittenWord written(std::string_view token);

// The words of a text, one behind the other; the parts of words are not among them.
std::vector<Token> whole_tokens(std::string_view text);

// The tokens, which are neighbours, with single spaces between them. By characters: of two
// neighbouring characters the first only, so that a single one can be found.
std::string written_in_order(const std::vector<Token>& tokens, bool by_characters);

// How many errors Meilisearch forgives in that word, by the lengths in its settings, which are
// bytes: no fewer than errors_forgiven() of the token, often more.
std::size_t errors_forgiven_there(const WrittenWord& word);
inline constexpr std::size_t one_error_length_min = 7;
inline constexpr std::size_t two_errors_length_min = 11;

}  // namespace fechatter::server
