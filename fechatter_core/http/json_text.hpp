#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace fechatter::http {

// Reads JSON that came from outside. nlohmann's own parser has no depth limit, keeps the last of
// two equal keys, and rounds integers beyond 64 bits to doubles; all three are refused here, as are
// integers beyond int64 and invalid UTF-8. At most 32 levels. Throws malformed_json (400), which
// names the byte where reading stopped. Pure; any thread.
nlohmann::json parse_json(std::string_view text);

}  // namespace fechatter::http
