#include "fechatter_core/http/rate_limits.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "fechatter_core/http/client_address.hpp"

namespace fechatter::http {
namespace {

// Of one account: a device in foreign hands does not use up the tokens of the others.
constexpr std::int64_t devices_of_an_account = 4;

Quota for_all_devices(Quota quota) {
  quota.count *= devices_of_an_account;
  quota.burst *= devices_of_an_account;
  return quota;
}

constexpr Quota verifications_quota{200, std::chrono::seconds{1}, 200};
constexpr std::uint64_t the_only_key = 0;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t free_answer_max = 16 * kibibyte;

// What a user may receive and be no heavy reader: 4 MiB and 64 KiB a second by default. The lists
// and pages of a client that starts are a tenth of the former, two pages a second half of the
// latter. It is far less than what is refused: a reader that waits in its slot would else be no
// heavy one by the time that it is answered.
Quota for_light_reading(Quota answers) {
  constexpr std::int64_t share_of_burst = 8;
  constexpr int share_of_rate = 16;
  return {answers.count, answers.period * share_of_rate,
          std::max<std::int64_t>(1, answers.burst / share_of_burst)};
}

enum class Shown { always, when_refused };

bool reads(Rate rate, const Request& request) {
  const bool by_method = request.method == Method::get || request.method == Method::head;
  return request.caller && (by_method || rate == Rate::search);
}

std::uint64_t key_of_caller(const Request& request) {
  return static_cast<std::uint64_t>(request.user().user_id.value);
}

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

void charge(const std::string& name, NetworkLimiter& limiter, std::string_view address,
            RateReport& report) {
  const auto charged = limiter.charge(address);
  report.add(charged.wider ? name + "-network" : name, charged.limiter, charged.allowance);
  require(charged.allowance);
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

RateLimits::RateLimits(const RateSettings& settings, PasswordTries tries, RateLimiter::Now now)
    : tries_{std::move(tries)},
      sign_in_{settings.sign_in, settings.wider_factor, settings.buckets_max, now},
      account_{settings.account, settings.buckets_max, now},
      device_{settings.device, settings.buckets_max, now},
      devices_{for_all_devices(settings.device), settings.buckets_max, now},
      address_{settings.address, settings.wider_factor, settings.buckets_max, now},
      user_{settings.user, settings.buckets_max, now},
      stranger_{settings.stranger, settings.buckets_max, now},
      page_{settings.page, settings.buckets_max, now},
      search_{settings.search, settings.buckets_max, now},
      answers_{settings.answers, settings.buckets_max, now},
      light_reading_{for_light_reading(settings.answers), settings.buckets_max, now},
      reading_{settings.reads_at_once, static_cast<std::size_t>(settings.user.burst),
               Error{ErrorCode::rate_limited, "Too many requests at once."}},
      heavy_rest_{settings.heavy_rest},
      heavy_{settings.heavy_slots, settings.heavy_queue_max,
             Error{ErrorCode::overloaded, "Too many large answers are being made."}},
      verifications_{verifications_quota, 1, now} {}

void RateLimits::charge_address(Rate rate, const Request& request, std::string_view address,
                                RateReport& report) {
  switch (rate) {
    case Rate::credentials:
      if (const auto device = device_of(request)) return charge_device(*device, report);
      return charge("sign-in", sign_in_, address, report);
    case Rate::address: return charge("address", address_, address, report);
    case Rate::by_access: {
      const auto group = address_group(address);
      return charge("stranger", stranger_, std::string_view{group}, report);
    }
    case Rate::pages: {
      const auto group = address_group(address);
      return charge("page", page_, std::string_view{group}, report);
    }
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
  charge("user", user_, key_of_caller(request), report);
}

void RateLimits::admit_answer(Rate rate, const Request& request, RateReport& report) const {
  if (!reads(rate, request)) return;
  const auto allowance = answers_.peek(key_of_caller(request));
  if (allowance.allowed) return;
  report.add("answers", answers_, allowance);
  require(allowance);
}

void RateLimits::debit_answer(const Request& request, std::size_t bytes) {
  if (!request.caller || bytes <= free_answer_max) return;
  const auto tokens = static_cast<std::int64_t>(bytes / kibibyte);
  answers_.debit(key_of_caller(request), tokens);
  light_reading_.debit(key_of_caller(request), tokens);
}

awaitable<RateLimits::ReadingSlots> RateLimits::take_reading_slots(Rate rate,
                                                                   const Request& request,
                                                                   RateReport& report) {
  ReadingSlots slots;
  if (!reads(rate, request)) co_return slots;
  const auto user = key_of_caller(request);
  auto own = reading_.take(user);
  slots.of_user.emplace(co_await std::move(own));
  admit_answer(rate, request, report);
  if (!light_reading_.peek(user).allowed) {
    auto shared = heavy_.take(the_only_key);
    slots.of_heavy.emplace(co_await std::move(shared));
  }
  co_return slots;
}

std::size_t RateLimits::reads_waiting(UserId user) const {
  return reading_.waiting(static_cast<std::uint64_t>(user.value));
}

std::size_t RateLimits::heavy_waiting() const {
  return heavy_.waiting(the_only_key);
}

void RateLimits::charge_narrow(Rate rate, const Request& request, RateReport& report) {
  if (!request.caller) return;
  const auto& caller = request.user();
  if (rate == Rate::search) {
    charge("search", search_, key_of_caller(request), report);
  } else if (rate == Rate::credentials) {
    charge_device({fmt::format("session {}", caller.session_id.value),
                   {},
                   fmt::format("user {}", caller.user_id.value)},
                  report);
  }
}

void RateLimits::charge_account(Rate rate, const Request& request, std::string_view address,
                                RateReport& report) {
  if (rate != Rate::credentials || request.caller || !tries_.account_of) return;
  const auto account = tries_.account_of(request);
  const auto device = device_of(request);
  if (device && account == device->account) return;
  if (device) charge("sign-in", sign_in_, address, report);
  charge_tried(account, report);
}

void RateLimits::charge_stranger(const Request& request, std::string_view address,
                                 RateReport& report) {
  charge("sign-in", sign_in_, address, report);
  if (tries_.account_of) charge_tried(tries_.account_of(request), report);
}

void RateLimits::charge_tried(const std::optional<std::string>& account, RateReport& report) {
  if (!account) return;
  // The remaining tokens would show a stranger whether another client has just tried the account.
  charge("account", account_, std::string_view{*account}, report, Shown::when_refused);
}

// The account's bucket is in the headers only when it refuses, as that of strangers.
void RateLimits::charge_device(const PasswordTries::Device& device, RateReport& report) {
  charge("device", device_, std::string_view{device.id}, report);
  charge("devices", devices_, std::string_view{device.family}, report, Shown::when_refused);
}

std::optional<PasswordTries::Device> RateLimits::device_of(const Request& request) const {
  return tries_.device_of ? tries_.device_of(request) : std::nullopt;
}

}  // namespace fechatter::http
