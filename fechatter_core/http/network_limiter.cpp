#include "fechatter_core/http/network_limiter.hpp"

#include "fechatter_core/http/client_address.hpp"

namespace fechatter::http {
namespace {

Quota times(Quota quota, std::int64_t factor) {
  quota.count *= factor;
  quota.burst *= factor;
  return quota;
}

}  // namespace

NetworkLimiter::NetworkLimiter(const Quota& quota, std::int64_t wider_factor,
                               std::size_t buckets_max, RateLimiter::Now now)
    : levels_{RateLimiter{quota, buckets_max, now},
              RateLimiter{times(quota, wider_factor), buckets_max, now},
              RateLimiter{times(quota, wider_factor * wider_factor), buckets_max, now}} {}

NetworkLimiter::Charged NetworkLimiter::charge(std::string_view address) {
  const auto networks = networks_of(address);
  Charged narrowest{levels_.front(), levels_.front().charge(std::string_view{networks.front()})};
  if (!narrowest.allowance.allowed) return narrowest;
  for (std::size_t i = 1; i < networks.size(); ++i) {
    auto& limiter = levels_.at(i);
    auto allowance = limiter.charge(std::string_view{networks[i]});
    if (!allowance.allowed) return {limiter, allowance, true};
  }
  return narrowest;
}

}  // namespace fechatter::http
