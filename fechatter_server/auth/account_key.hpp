#pragma once

#include <optional>
#include <string>

#include "fechatter_core/http/request.hpp"

namespace fechatter::server {

// The account whose password a request tries: the caller's e-mail address, or the one in the body,
// whether or not there is such an account. Folded as the database compares addresses, so that other
// capitals are no other account. Nullopt when the body has none; the handler will refuse it.
std::optional<std::string> account_key(const http::Request& request);

}  // namespace fechatter::server
