#pragma once

#include <array>

#include "fechatter_core/http/rate_limiter.hpp"

namespace fechatter::http {

// A bucket for each client, and one for each of the wider networks that it is in (networks_of): a
// customer with a /48 has 65,536 networks of one client. Each wider network has `wider_factor`
// times the quota of the next narrower one. A request that a narrower bucket refuses takes nothing
// from a wider one, so one client cannot use up the tokens of its neighbours. Any thread.
class NetworkLimiter {
 public:
  // REQUIRES: `wider_factor` is 1 to 1000.
  NetworkLimiter(const Quota& quota, std::int64_t wider_factor, std::size_t buckets_max,
                 RateLimiter::Now now);

  // The narrowest bucket, or the one that refuses.
  struct Charged {
    const RateLimiter& limiter;
    Allowance allowance;
    bool wider = false;  // than the bucket of one client
  };
  Charged charge(std::string_view address);

 private:
  std::array<RateLimiter, 3> levels_;
};

}  // namespace fechatter::http
