#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/http/network_limiter.hpp"
#include "fechatter_core/http/rate_limiter.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/slots.hpp"

namespace fechatter::http {

// The buckets to which a request to a route is charged.
enum class Rate {
  by_access,    // that of the caller; without one, that of the address as a stranger's
  credentials,  // the route asks for a password: those of a device that is known to the account or
                // of a caller; without either, those of a stranger's address and of the account
  address,      // that of the address, for refreshing and signing out
  pages,        // that of the address, for files of the web client: it starts with many at once
  search,       // that of the caller, and that of the caller's searches
  on_failure,   // none, unless it is answered with 401
  never,        // none: a health check that is refused would end a healthy instance
};

// Settings, section `limits`. Each kind has at most `buckets_max` buckets.
struct RateSettings {
  bool enabled = true;
  Quota sign_in{20, std::chrono::minutes{1}, 20};  // per address, where a stranger tries a password
  Quota account{10, std::chrono::minutes{1}, 10};  // per account, for all strangers
  Quota device{10, std::chrono::minutes{1}, 10};   // per device that is known to the account
  Quota address{300, std::chrono::minutes{1}, 100};  // per address elsewhere
  std::int64_t wider_factor = 4;                     // of `sign_in` and `address`: NetworkLimiter
  Quota user{50, std::chrono::seconds{1}, 200};      // per signed-in user
  // Per address, of requests that prove no identity: routes without a caller, and failures (401).
  Quota stranger{20, std::chrono::seconds{1}, 100};
  Quota page{200, std::chrono::seconds{1}, 3000};  // per address, of the web client's files
  Quota search{5, std::chrono::seconds{1}, 30};    // per signed-in user, for searches
  // Requests of one signed-in user that read and are served at once; others of the user wait, as
  // many as `user.burst`.
  std::size_t reads_at_once = 8;
  // KiB of answers, per signed-in user. A user that has received an eighth of the burst, which
  // comes back at a sixteenth of the rate, is a heavy reader …
  Quota answers{1024, std::chrono::seconds{1}, 32 * 1024};
  std::size_t heavy_slots = 1;       // … of whose reading so many requests are served at once …
  std::size_t heavy_queue_max = 64;  // … and so many wait; beyond: 503
  // After such a request its slot rests so many times as long as the request took, 1 s at most: 9
  // leaves heavy readers a tenth of a processor for each slot.
  int heavy_rest = 9;
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

// How a request that tries a password is read. Both texts are opaque; neither function looks an
// account up: a known account and an unknown one must look alike to a client.
struct PasswordTries {
  struct Device {
    std::string id;
    std::string account;  // that it is known to
    // The devices that have a bucket together: those of the account whose proof is as recent. A
    // stolen proof that is no longer good takes nothing from those that are.
    std::string family;
  };
  // The account whose password a request tries; nullopt when it names none. Null: none ever does.
  // REQUIRES: the body has been read.
  std::function<std::optional<std::string>(const Request&)> account_of;
  // What the head of a request proves. Null: nothing.
  std::function<std::optional<Device>(const Request&)> device_of;
};

// The limiters of one server, and which request is charged to which. Any thread.
class RateLimits {
 public:
  explicit RateLimits(const RateSettings& settings, PasswordTries tries = {},
                      RateLimiter::Now now = RateLimiter::Clock::now);

  // Each charges one request to the buckets of a route with that rate, and throws rate_limited
  // (429) with the time to wait when one is empty. The first two need only the head of the request;
  // the second one charges the caller, if there is one.
  // A known device is charged in place of its address. REQUIRES: the route has no caller.
  void charge_address(Rate rate, const Request& request, std::string_view address,
                      RateReport& report);
  void charge_user(const Request& request, RateReport& report);
  // Charges a request that is answered with 401.
  void charge_failure(std::string_view address, RateReport& report);
  // Called before the signature of a token or ticket is verified that this process has not verified
  // before, which costs 64 µs. Charges nothing while the stranger's bucket of the address has a
  // token. Beyond, all such addresses share 200 verifications a second, so that a flood costs a
  // bounded part of one core, and a good token from behind the same address is still found.
  void admit_verification(std::string_view address, RateReport& report);
  // What a caller's request to this route is charged to beside it: its searches, or its tries of a
  // password.
  void charge_narrow(Rate rate, const Request& request, RateReport& report);
  // Refuses a request that reads, whose caller has received so much that the bucket of answers is
  // empty.
  void admit_answer(Rate rate, const Request& request, RateReport& report) const;
  // What a request that reads holds while it is served, until its answer is debited. Bytes count
  // after the answer: of requests at once only so many as run have not been counted.
  struct ReadingSlots {
    std::optional<Slots::Taken> of_user;
    std::optional<Slots::Taken> of_heavy;
  };
  // Waits for one of the caller's slots, then judges as admit_answer, then waits for a heavy one if
  // the caller has received much of late: all heavy readers together take a bounded part of the
  // processors. Nothing for a request that does not read.
  awaitable<ReadingSlots> take_reading_slots(Rate rate, const Request& request, RateReport& report);
  // Of a Pace in a heavy slot.
  int heavy_rest() const { return heavy_rest_; }
  // Takes what a caller was answered with; up to 16 KiB nothing, which the rate of requests bounds.
  void debit_answer(const Request& request, std::size_t bytes);
  std::size_t reads_waiting(UserId user) const;
  std::size_t heavy_waiting() const;
  // Charges the account that a stranger tries; a device that is known to another account is a
  // stranger, and its address is charged now. REQUIRES: the body has been read.
  void charge_account(Rate rate, const Request& request, std::string_view address,
                      RateReport& report);
  // Charges address and account, whatever device the request has shown: its proof is no longer
  // good. REQUIRES: the body has been read.
  void charge_stranger(const Request& request, std::string_view address, RateReport& report);

 private:
  void charge_tried(const std::optional<std::string>& account, RateReport& report);
  void charge_device(const PasswordTries::Device& device, RateReport& report);
  std::optional<PasswordTries::Device> device_of(const Request& request) const;

  PasswordTries tries_;
  NetworkLimiter sign_in_;
  RateLimiter account_;
  RateLimiter device_;
  RateLimiter devices_;  // of one account, all together
  NetworkLimiter address_;
  RateLimiter user_;
  RateLimiter stranger_;
  RateLimiter page_;
  RateLimiter search_;
  RateLimiter answers_;
  RateLimiter light_reading_;  // empty: a heavy reader
  Slots reading_;
  const int heavy_rest_;
  Slots heavy_;                // of one key
  RateLimiter verifications_;  // one bucket, for all addresses whose stranger's bucket is empty
};

}  // namespace fechatter::http
