#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/listener.hpp"

namespace fechatter::http {

// The settings of the edge; the keys are the same in both servers.
struct EdgeSettings {
  std::vector<std::string> cors_origins;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> internal_addresses;
  std::chrono::seconds strict_transport_age{365 * 24 * 3600};  // 0: no Strict-Transport-Security
  RateSettings limits;
  bool log_requests = false;  // log.requests
};

// Section `http`, and log.requests. REQUIRES here and below: the targets outlive the loading.
void bind_http(Config& config, Limits& limits, EdgeSettings& edge);

// Section `limits`: the keys for signed-in users, and those for requests without a token.
void bind_user_limits(Config& config, RateSettings& limits);
void bind_sign_in_limits(Config& config, RateSettings& limits);
// The keys of both servers for requests that prove no identity.
void bind_stranger_limits(Config& config, RateSettings& limits);
void bind_page_limits(Config& config, RateSettings& limits);
void bind_search_limits(Config& config, RateSettings& limits);
void bind_answer_limits(Config& config, RateSettings& limits);

// `tracer`: null: tracing is off.
Edge make_edge(const EdgeSettings& settings, observability::TracerPtr tracer,
               PasswordTries tries = {});

}  // namespace fechatter::http
