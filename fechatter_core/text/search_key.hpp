#pragma once

#include <string>
#include <string_view>
#include <vector>

// The keys by which people and chats are found. They are looser than those of name.hpp: letters as
// a search folds them (folding.hpp), without accents. Pure; any thread.
namespace fechatter {

// The words of a text with single spaces between them; punctuation and signs separate words. Empty
// for a text without a word. It has letters, marks, digits, emoji and spaces only.
std::string search_key(std::string_view text);

// search_key() of a person's full name, and its words: what `from:` and `in:@` may say.
std::vector<std::string> name_search_keys(std::string_view fullname);
// Likewise of an e-mail address, and of its part before the '@'.
std::vector<std::string> email_search_keys(std::string_view email);

}  // namespace fechatter
