#pragma once

#include <cstddef>
#include <string_view>

namespace fechatter {

// Whether all of it is well-formed UTF-8: shortest forms only, no surrogates (RFC 3629 §4). Pure.
bool is_utf8(std::string_view text);

// The bytes of the character that `text` begins with, 0 when they are malformed. REQUIRES: there is
// one byte at least.
std::size_t sequence_length(std::string_view text);

// The number of code points. REQUIRES: is_utf8(text).
std::size_t count_characters(std::string_view text);

}  // namespace fechatter
