#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fechatter {

// JSON that is handed on as text, for whoever has no use for a tree of it: what passes through here
// for every event that is told costs a fifth of reading it into a tree and writing it again.

// The same value without white space between its tokens, on one line therefore; nothing when the
// text is no JSON (RFC 8259), is no UTF-8, or is nested deeper than `depth_max`.
std::optional<std::string> compact_json(std::string_view text, int depth_max);

struct JsonMember {
  std::string_view name;   // as it is written, without the quotation marks
  std::string_view value;  // as it is written
};

// The members of an object, in order; names that come twice do so here. Views into `object`.
// REQUIRES: compact_json made it, and it is an object.
std::vector<JsonMember> members_of(std::string_view object);

}  // namespace fechatter
