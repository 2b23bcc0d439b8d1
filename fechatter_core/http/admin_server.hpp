#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/observability/metrics.hpp"
#include "fechatter_core/observability/profiler.hpp"

namespace fechatter::http {

struct AdminSettings {
  bool enabled = true;
  std::string address = "127.0.0.1";  // without TLS and without a password
  std::uint16_t port = 0;             // 0: a free one
  bool metrics_on_main = false;       // the main listener has /metrics, too, for internal callers
  std::string profile_token_file;     // its first line opens /debug/pprof; empty: there is none
};

// Section `admin`. REQUIRES: `settings` outlives the loading.
void bind_admin(Config& config, AdminSettings& settings);

// The response to GET /metrics. `metrics` outlives the call.
Response metrics_response(const observability::Metrics& metrics);

// GET /metrics of the main listener: 404 for a caller that is not an internal one. `metrics`
// outlives the route.
Route metrics_route(const observability::Metrics& metrics,
                    std::function<bool(const Request&)> is_internal);

// The listener for the operator's tools, on a thread of its own: neither a scrape nor a profile
// waits for requests, or holds them up. 32 connections at most.
class AdminServer {
 public:
  // Binds at once; throws std::system_error when that fails, and ConfigError when the file of the
  // token cannot be read. `metrics` outlives this object.
  AdminServer(const AdminSettings& settings, const observability::Metrics& metrics);
  // Cuts what is open.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  void start();  // once
  std::uint16_t port() const { return listener_->port(); }

 private:
  observability::Profiler profiler_;
  asio::io_context io_{1};
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

}  // namespace fechatter::http
