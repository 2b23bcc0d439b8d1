#include "fechatter_core/http/rate_limiter.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::http {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t secret_bytes = 32;
// More than one a call: old buckets are evicted faster than new ones are stored.
constexpr int evicted_per_call = 2;

}  // namespace

RateLimiter::RateLimiter(const Quota& quota, std::size_t buckets_max, Now now)
    : quota_{quota},
      interval_{std::max(nanoseconds{1}, quota.period / quota.count)},
      depth_{interval_ * quota.burst},
      buckets_max_{buckets_max},
      now_{std::move(now)},
      secret_{auth::random_bytes(secret_bytes)} {}

Allowance RateLimiter::charge(std::string_view key, std::int64_t tokens) {
  return charge(number_of(key), tokens);
}

Allowance RateLimiter::charge(std::uint64_t key, std::int64_t tokens) {
  tokens = std::clamp<std::int64_t>(tokens, 1, quota_.burst);
  const auto now = now_();
  const std::lock_guard lock{mutex_};
  evict_full(now);
  const auto before = full_at(key, now);
  const auto after = before + interval_ * tokens;
  if (after - now > depth_) return judge(before, now, tokens);
  store(key, after);
  return judge(after, now, 0);
}

void RateLimiter::debit(std::uint64_t key, std::int64_t tokens) {
  tokens = std::clamp<std::int64_t>(tokens, 1, quota_.burst);
  const auto now = now_();
  const std::lock_guard lock{mutex_};
  evict_full(now);
  store(key, std::min(full_at(key, now) + interval_ * tokens, now + 2 * depth_));
}

Allowance RateLimiter::peek(std::string_view key) const {
  return peek(number_of(key));
}

Allowance RateLimiter::peek(std::uint64_t key) const {
  const auto now = now_();
  const std::lock_guard lock{mutex_};
  const auto before = full_at(key, now);
  const auto after = before + interval_;
  return after - now > depth_ ? judge(before, now, 1) : judge(after, now, 0);
}

std::uint64_t RateLimiter::number_of(std::string_view key) const {
  const auto digest = auth::hmac_sha256(secret_, key);
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

RateLimiter::Moment RateLimiter::full_at(std::uint64_t key, Moment now) const {
  const auto found = full_at_.find(key);
  return found == full_at_.end() ? now : std::max(found->second, now);
}

Allowance RateLimiter::judge(Moment full_at, Moment now, std::int64_t needed) const {
  Allowance allowance;
  allowance.allowed = needed == 0;
  allowance.remaining = std::max<std::int64_t>(0, (depth_ - (full_at - now)) / interval_);
  allowance.full_after = std::chrono::ceil<seconds>(full_at - now);
  if (needed > 0)
    allowance.retry_after = std::chrono::ceil<seconds>(full_at - now + interval_ * needed - depth_);
  return allowance;
}

void RateLimiter::store(std::uint64_t key, Moment full_at) {
  const auto found = full_at_.find(key);
  if (found != full_at_.end()) {
    auto node = by_moment_.extract({found->second, key});
    node.value().first = found->second = full_at;
    by_moment_.insert(std::move(node));
    return;
  }
  if (full_at_.size() >= buckets_max_) {
    full_at_.erase(by_moment_.begin()->second);
    by_moment_.erase(by_moment_.begin());
  }
  full_at_.emplace(key, full_at);
  by_moment_.emplace(full_at, key);
}

void RateLimiter::evict_full(Moment now) {
  for (int i = 0; i < evicted_per_call && !by_moment_.empty(); ++i) {
    const auto fullest = by_moment_.begin();
    if (fullest->first > now) return;
    full_at_.erase(fullest->second);
    by_moment_.erase(fullest);
  }
}

std::chrono::seconds RateLimiter::window() const {
  return std::chrono::ceil<seconds>(depth_);
}

std::size_t RateLimiter::buckets() const {
  const std::lock_guard lock{mutex_};
  return full_at_.size();
}

Error rate_refusal(const Allowance& allowance) {
  const auto wait = allowance.retry_after;
  Error refusal{ErrorCode::rate_limited,
                fmt::format("Too many requests; come again in {} s.", wait.count())};
  return refusal.come_again_after(wait);
}

}  // namespace fechatter::http
