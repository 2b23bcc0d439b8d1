#pragma once

#include <cstddef>
#include <string_view>

namespace fechatter {

// Whether the text is well-formed UTF-8: shortest forms only, no surrogates (RFC 3629 §4). Pure.
bool is_utf8(std::string_view text);

// The length in bytes of the first character; 0 when it is malformed. REQUIRES: `text` is not
// empty.
std::size_t sequence_length(std::string_view text);

// The number of code points. REQUIRES: is_utf8(text).
std::size_t count_characters(std::string_view text);

}  // namespace fechatter
