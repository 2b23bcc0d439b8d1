#pragma once

#include <cstddef>
#include <string_view>

// Typing errors: how many a word may have, and whether a word has no more. Pure; any thread.
namespace fechatter::server {

// The typing errors that a search for `token` tolerates: none below 5 characters, one from 5, two
// from 9; none in a token with a digit, or of no alphabet (grams, emoji).
std::size_t errors_tolerated(std::string_view token);

// Whether `word` is `token` with at most `errors_max` errors: a character missing, added or
// replaced, or two neighbours exchanged (optimal string alignment distance, in characters).
bool is_misspelling(std::string_view word, std::string_view token, std::size_t errors_max);

}  // namespace fechatter::server
