#pragma once

#include <string_view>

namespace fechatter::server {

// Debian's list of the most common passwords (package john-data), one a line, as it was when this
// program was built; lines of comment begin with "#!".
std::string_view common_passwords();

// Whether a password, case_folded(), is one of the list or is made of one: with at most four digits
// or signs around a word of four characters or more ("monkey2024", "!password1"), or repeated; or
// is one short piece repeated, or a row of neighbours ("87654321"). Any thread.
bool is_common_password(std::string_view folded);

}  // namespace fechatter::server
