#pragma once

#include <optional>
#include <string>

#include "fechatter_core/http/request.hpp"

namespace fechatter::server {

// The account whose password a request tries: the e-mail address of the caller, or of the body,
// even if there is no such account, by the key that sign-in looks it up with, so that the case of a
// letter makes no other account. Nullopt for a body without an address, which the handler refuses.
std::optional<std::string> account_key(const http::Request& request);

}  // namespace fechatter::server
