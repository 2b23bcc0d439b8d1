#pragma once

#include <string_view>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// Whether an `Accept` header names exactly that media type, and not with a quality of 0 (RFC 9110
// §12.5.1). Ranges ("image/*") do not count: with them clients say that they are not choosy, and
// not what they know. Pure; any thread.
bool accepts(const Request& request, std::string_view media_type);

}  // namespace fechatter::http
