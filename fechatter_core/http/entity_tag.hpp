#pragma once

#include <string_view>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// Whether `If-None-Match` names the tag, so that the answer is a 304 (RFC 9110 §13.1.2): weakly,
// since a proxy that compresses makes our tag a weak one. `tag`: with its quotes. Pure; any thread.
bool is_known_to_client(const Request& request, std::string_view tag);

}  // namespace fechatter::http
