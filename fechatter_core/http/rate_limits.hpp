#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/http/rate_limiter.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// The buckets to which a request to a route is charged.
enum class Rate {
  by_access,    // that of the caller; without one, that of the address as a stranger's
  credentials,  // the route asks for a password: those of address and account, both narrow
  address,      // that of the address, for refreshing and signing out
  search,       // that of the caller, and that of the caller's searches
  on_failure,   // none, unless it is answered with 401
  never,        // none: a health check that is refused would end a healthy instance
};

// Settings, section `limits`. Each kind has at most `buckets_max` buckets.
struct RateSettings {
  bool enabled = true;
  Quota sign_in{20, std::chrono::minutes{1}, 20};    // per address, where a password is asked for
  Quota account{10, std::chrono::minutes{1}, 10};    // per account there
  Quota address{300, std::chrono::minutes{1}, 100};  // per address elsewhere
  Quota user{50, std::chrono::seconds{1}, 200};      // per signed-in user
  // Per address, of requests that prove no identity: routes without a caller, and failures (401).
  Quota stranger{20, std::chrono::seconds{1}, 100};
  Quota search{5, std::chrono::seconds{1}, 30};  // per signed-in user, for searches
  std::size_t buckets_max = 100'000;
};

// The limits that a request was charged to, for the headers of its response
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

// The limiters of one server, and which request is charged to which. Any thread.
class RateLimits {
 public:
  // The account whose password a request tries, in one spelling; nullopt when it names none. Does
  // not look the account up: a known account and an unknown one must look alike to a client.
  using AccountOf = std::function<std::optional<std::string>(const Request&)>;

  explicit RateLimits(const RateSettings& settings, AccountOf account_of = nullptr,
                      RateLimiter::Now now = RateLimiter::Clock::now);

  // Each charges one request to the buckets of a route with that rate, and throws rate_limited
  // (429) with the time to wait when one is empty. The first two need only the head of the request;
  // the second one charges the caller, if there is one.
  // REQUIRES: `rate` is by_access only on a route without a caller.
  void charge_address(Rate rate, std::string_view address, RateReport& report);
  void charge_user(const Request& request, RateReport& report);
  // Charges a request that is answered with 401.
  void charge_failure(std::string_view address, RateReport& report);
  // Called before the signature of a token or ticket is verified that this process has not verified
  // before, which costs 64 µs. Charges nothing while the stranger's bucket of the address has a
  // token. Beyond, all such addresses share 200 verifications a second, so that a flood costs a
  // bounded part of one core, and a good token from behind the same address is still found.
  void admit_verification(std::string_view address, RateReport& report);
  // The caller's searches, where the rate of the route is `search`.
  void charge_search(Rate rate, const Request& request, RateReport& report);
  // REQUIRES: the body has been read.
  void charge_account(Rate rate, const Request& request, RateReport& report);

 private:
  AccountOf account_of_;
  RateLimiter sign_in_;
  RateLimiter account_;
  RateLimiter address_;
  RateLimiter user_;
  RateLimiter stranger_;
  RateLimiter search_;
  RateLimiter verifications_;  // one bucket, for all addresses whose stranger's bucket is empty
};

}  // namespace fechatter::http
