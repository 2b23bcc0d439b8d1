#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter::http {

// The text of a header that is a String of Structured Fields (RFC 9651 §3.3.3), without its quotes;
// parameters behind it are ignored. A value without a quote in front is the text itself: clients
// older than the standard send it so. Nullopt when the quotes are malformed. Pure; any thread.
std::optional<std::string> item_text(std::string_view value);

}  // namespace fechatter::http
