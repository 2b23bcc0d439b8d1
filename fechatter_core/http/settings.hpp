#pragma once

#include <string>
#include <vector>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/listener.hpp"

namespace fechatter::http {

// What stands in front of the routes; the keys are the same in both servers.
struct EdgeSettings {
  std::vector<std::string> cors_origins;
  std::vector<std::string> trusted_proxies;
  RateSettings limits;
};

// Section `http`. REQUIRES: both outlive the loading. So do the next two.
void bind_http(Config& config, Limits& limits, EdgeSettings& edge);

// Section `limits`: the keys of signed-in users, and those of whoever wants to sign in.
void bind_user_limits(Config& config, RateSettings& limits);
void bind_sign_in_limits(Config& config, RateSettings& limits);

Edge make_edge(const EdgeSettings& settings, RateLimits::AccountOf account_of = nullptr);

}  // namespace fechatter::http
