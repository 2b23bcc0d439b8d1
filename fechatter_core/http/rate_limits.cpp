#include "fechatter_core/http/rate_limits.hpp"

#include <spdlog/fmt/fmt.h>

#include "fechatter_core/http/client_address.hpp"

namespace fechatter::http {
namespace {

constexpr Quota verifications_quota{200, std::chrono::seconds{1}, 200};
constexpr std::uint64_t the_only_key = 0;

enum class Shown { always, when_refused };

void require(const Allowance& allowance) {
  if (!allowance.allowed) throw rate_refusal(allowance);
}

template <class Key>
void charge(std::string_view name, RateLimiter& limiter, Key key, RateReport& report,
            Shown shown = Shown::always) {
  const auto allowance = limiter.charge(key);
  if (shown == Shown::always || !allowance.allowed) report.add(name, limiter, allowance);
  require(allowance);
}

void append(std::string& list, const std::string& member) {
  if (!list.empty()) list += ", ";
  list += member;
}

}  // namespace

void RateReport::add(std::string_view name, const RateLimiter& limiter,
                     const Allowance& allowance) {
  append(policies_,
         fmt::format("\"{}\";q={};w={}", name, limiter.quota().burst, limiter.window().count()));
  append(states_,
         fmt::format("\"{}\";r={};t={}", name, allowance.remaining, allowance.full_after.count()));
}

void RateReport::write(Response& response) const {
  if (policies_.empty()) return;
  response.with_header("RateLimit-Policy", policies_).with_header("RateLimit", states_);
}

RateLimits::RateLimits(const RateSettings& settings, AccountOf account_of, RateLimiter::Now now)
    : account_of_{std::move(account_of)},
      sign_in_{settings.sign_in, settings.buckets_max, now},
      account_{settings.account, settings.buckets_max, now},
      address_{settings.address, settings.buckets_max, now},
      user_{settings.user, settings.buckets_max, now},
      stranger_{settings.stranger, settings.buckets_max, now},
      search_{settings.search, settings.buckets_max, now},
      verifications_{verifications_quota, 1, now} {}

void RateLimits::charge_address(Rate rate, std::string_view address, RateReport& report) {
  const auto group = address_group(address);
  const std::string_view key{group};
  switch (rate) {
    case Rate::credentials: return charge("sign-in", sign_in_, key, report);
    case Rate::address: return charge("address", address_, key, report);
    case Rate::by_access: return charge("stranger", stranger_, key, report);
    case Rate::search:
    case Rate::on_failure:
    case Rate::never: break;
  }
}

void RateLimits::charge_failure(std::string_view address, RateReport& report) {
  const auto group = address_group(address);
  charge("stranger", stranger_, std::string_view{group}, report, Shown::when_refused);
}

void RateLimits::admit_verification(std::string_view address, RateReport& report) {
  const auto allowance = stranger_.peek(address_group(address));
  if (allowance.allowed || verifications_.charge(the_only_key).allowed) return;
  report.add("stranger", stranger_, allowance);
  require(allowance);
}

void RateLimits::charge_user(const Request& request, RateReport& report) {
  if (!request.caller) return;
  charge("user", user_, static_cast<std::uint64_t>(request.user().user_id.value), report);
}

void RateLimits::charge_search(Rate rate, const Request& request, RateReport& report) {
  if (rate != Rate::search || !request.caller) return;
  charge("search", search_, static_cast<std::uint64_t>(request.user().user_id.value), report);
}

void RateLimits::charge_account(Rate rate, const Request& request, RateReport& report) {
  if (rate != Rate::credentials || !account_of_) return;
  if (const auto account = account_of_(request)) {
    // The remaining tokens would show a stranger whether another client has just tried the account.
    charge("account", account_, std::string_view{*account}, report, Shown::when_refused);
  }
}

}  // namespace fechatter::http
