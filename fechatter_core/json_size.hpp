#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter {

// The bytes of values in JSON as both servers and PostgreSQL write it: UTF-8, no white space, and
// only the escapes that RFC 8259 demands. Pure.

// With the quotation marks.
std::size_t json_size(std::string_view text);
// An array of texts.
std::size_t json_size(const std::vector<std::string>& texts);

}  // namespace fechatter
