#pragma once

#include <string>
#include <string_view>

namespace fechatter::server {

// What is a word in Meilisearch. Where its words end depends on how it was built (with or without
// dictionaries of Chinese, Japanese, Korean), so Han, kana and Hangul come to it character by
// character, in what is indexed and in what is looked for: any part of a text can be found then, as
// a phrase. All pure; any thread.

// The text with spaces around each such character. REQUIRES: is_utf8(text).
std::string apart(std::string_view text);

// Letters and digits of a script with spaces between words. Everything else, signs within a word
// for instance, falls apart into words that could stand anywhere.
bool is_plain_word(std::string_view text);

// Whether one error is to be forgiven at all, by our rules: Meilisearch counts bytes, and takes a
// number for a word.
bool may_be_misspelt(std::string_view text);

}  // namespace fechatter::server
