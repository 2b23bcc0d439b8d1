#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fechatter_core/auth/device_token.hpp"

namespace fechatter {

// The client of a request that asks for a password. Belongs to one request.
struct PasswordClient {
  std::optional<auth::KnownDevice> device;  // perhaps of another account, or from before a change
  std::string network;                      // the widest one of its address (http::networks_of)
  // Charges the request as a stranger's; throws rate_limited. Null: there are no limits.
  std::function<void()> charge_as_stranger;
};

}  // namespace fechatter
