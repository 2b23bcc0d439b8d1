#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter::http {

enum class Plus { is_plus, is_space };

// The percent-decoded text. Nullopt when the encoding is malformed, or when the result has a NUL or
// is not UTF-8: PostgreSQL can store neither. Pure; any thread.
std::optional<std::string> percent_decoded(std::string_view text, Plus plus);

}  // namespace fechatter::http
