#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter::http {

enum class Plus { is_plus, is_space };

// Undoes percent-encoding. Nullopt when it is malformed, or when the result holds a NUL or is not
// UTF-8: neither can be stored in PostgreSQL, and neither is ever meant. Pure; any thread.
std::optional<std::string> percent_decoded(std::string_view text, Plus plus);

}  // namespace fechatter::http
