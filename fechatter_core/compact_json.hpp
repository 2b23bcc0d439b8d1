#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter {

// JSON that is passed on as text, without a tree: a fifth of the cost of parsing and dumping, for
// each event that is delivered.

// The same value without white space between its tokens, hence on one line; nullopt when the text
// is no JSON (RFC 8259), is no UTF-8, or is nested deeper than `depth_max`.
std::optional<std::string> compact_json(std::string_view text, int depth_max);

struct JsonMember {
  std::string_view name;   // as it is written, without the quotation marks
  std::string_view value;  // as it is written
};

// The members of an object, in order, duplicates included. Views into `object`. REQUIRES: `object`
// is an object that compact_json returned.
std::vector<JsonMember> members_of(std::string_view object);

}  // namespace fechatter
