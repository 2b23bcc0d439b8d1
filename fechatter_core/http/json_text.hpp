#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace fechatter::http {

// Parses JSON of a client. nlohmann's own parser has no depth limit, accepts two equal keys, and
// rounds integers beyond 64 bits to doubles. This one refuses more than 32 levels, repeated keys,
// integers beyond int64 and invalid UTF-8. Throws malformed_json (400), which names the byte at
// which the parser stopped. Pure; any thread.
nlohmann::json parse_json(std::string_view text);

}  // namespace fechatter::http
