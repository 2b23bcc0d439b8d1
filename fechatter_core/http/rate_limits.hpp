#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/http/rate_limiter.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// Whose tokens a request to a route takes.
enum class Rate {
  by_access,    // the caller's; nobody's on a route for anyone
  credentials,  // the route asks for a password: the address's and the account's, both narrow
  address,      // the address's
};

// Settings, section `limits`. Each kind keeps `buckets_max` buckets.
struct RateSettings {
  bool enabled = true;
  Quota sign_in{20, std::chrono::minutes{1}, 20};    // per address, where a password is asked for
  Quota account{10, std::chrono::minutes{1}, 10};    // per account there
  Quota address{300, std::chrono::minutes{1}, 100};  // per address elsewhere
  Quota user{50, std::chrono::seconds{1}, 200};      // per signed-in user
  std::size_t buckets_max = 100'000;
};

// What the limits said to one request, for the headers of its answer
// (draft-ietf-httpapi-ratelimit-headers-10). Belongs to one request.
class RateReport {
 public:
  void add(std::string_view name, const RateLimiter& limiter, const Allowance& allowance);
  // `RateLimit-Policy` and `RateLimit`, unless nothing was limited.
  void write(Response& response) const;

 private:
  std::string policies_;
  std::string states_;
};

// The limiters of one server, and which request takes from which. Any thread.
class RateLimits {
 public:
  // The account whose password a request tries, however it is written; nullopt when it names none.
  // Does not look it up: a known account and an unknown one are not to be told apart.
  using AccountOf = std::function<std::optional<std::string>(const Request&)>;

  explicit RateLimits(const RateSettings& settings, AccountOf account_of = nullptr,
                      RateLimiter::Now now = RateLimiter::Clock::now);

  // Both throw rate_limited (429) with the time to wait. Before the caller is known:
  void admit_address(Rate rate, std::string_view address, RateReport& report);
  // When the caller is known, or nobody is asked for: takes the user's and the account's.
  void admit_caller(Rate rate, const Request& request, RateReport& report);

 private:
  AccountOf account_of_;
  RateLimiter sign_in_;
  RateLimiter account_;
  RateLimiter address_;
  RateLimiter user_;
};

}  // namespace fechatter::http
