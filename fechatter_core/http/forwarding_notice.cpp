#include "fechatter_core/http/forwarding_notice.hpp"

#include <spdlog/spdlog.h>

namespace fechatter::http {
namespace {

constexpr std::chrono::minutes pause{1};
constexpr std::chrono::hours recent{1};

using Clock = ForwardingNotice::Clock;

bool is_within(Clock::rep then, Clock::rep now, Clock::duration time) {
  return then >= 0 && Clock::duration{now - then} < time;
}

}  // namespace

bool ForwardingNotice::check(const Request& request, const TrustedProxies& proxies) {
  if (!request.find_header("x-forwarded-for") || proxies.contains(request.peer_address)) {
    return false;
  }
  const auto now = now_().time_since_epoch().count();
  noticed_ = now;
  auto before = warned_.load();
  if (is_within(before, now, pause) || !warned_.compare_exchange_strong(before, now)) return false;
  spdlog::warn(
      "X-Forwarded-For from {}, which http.trusted_proxies does not list: the header is ignored. "
      "If {} is your reverse proxy, all its clients count as ONE address and share one limit "
      "of sign-ins; add it to http.trusted_proxies",
      request.peer_address, request.peer_address);
  return true;
}

bool ForwardingNotice::is_recent() const {
  return is_within(noticed_, now_().time_since_epoch().count(), recent);
}

}  // namespace fechatter::http
