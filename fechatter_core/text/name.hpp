#pragma once

#include <string>
#include <string_view>

namespace fechatter {

// A text of one line that users recognise something by: the name of a workspace, a chat or a
// person.
struct Name {
  std::string text;  // as it is stored: NFC, trimmed, runs of white space are one space
  std::string key;   // equal keys: the same name, whatever its case, width, composition or blanks
};

// A name as a user has typed it, or why it is refused.
struct ReadName {
  Name name;
  std::string refusal;  // the detail of a 422; empty: accepted
};

inline constexpr std::size_t name_key_bytes_max = 2048;  // what an index of PostgreSQL can hold

// Refuses an empty name (of blanks, too), one of more than `length_max` characters as it would be
// stored, and one that is_visible_text() (visibility.hpp) refuses. REQUIRES: `typed` is UTF-8.
// Pure; any thread.
ReadName read_name(std::string_view typed, std::size_t length_max);

// The key of any text, to look a name up, or to look for a part of one.
std::string name_key(std::string_view text);

}  // namespace fechatter
