#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "fechatter_core/http/client_address.hpp"

namespace fechatter::http {

// Notices requests with `X-Forwarded-For` from a peer that is no trusted proxy. Behind a gateway
// that is missing in `http.trusted_proxies` all clients are one address, and share its limits. A
// warning in the log, once a minute at most. Any thread.
class ForwardingNotice {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  explicit ForwardingNotice(Now now = Clock::now) : now_{std::move(now)} {}

  // Returns whether it has warned.
  bool check(const Request& request, const TrustedProxies& proxies);
  // Whether there was such a request within the last hour.
  bool is_recent() const;

 private:
  const Now now_;
  // Since the epoch of the clock; negative: never.
  std::atomic<Clock::rep> noticed_{-1};
  std::atomic<Clock::rep> warned_{-1};
};

}  // namespace fechatter::http
