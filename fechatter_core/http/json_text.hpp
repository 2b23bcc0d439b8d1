#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace fechatter::http {

// Parses JSON of a client. nlohmann's own parser has no depth limit, accepts two equal keys, stops
// at a NUL as if it were the end, and refuses a number beyond the doubles. This one refuses more
// than 32 levels, repeated keys, invalid UTF-8, and everything behind the value. A number beyond
// int64 is valid JSON (RFC 8259 §6), and a field may be unknown: it is read as a double, which no
// field of the API accepts. Throws malformed_json (400), which names the byte at which the parser
// stopped. Pure; any thread.
nlohmann::json parse_json(std::string_view text);

}  // namespace fechatter::http
