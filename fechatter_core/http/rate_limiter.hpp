#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "fechatter_core/error.hpp"

namespace fechatter::http {

// `count` tokens in a period, evenly, and a burst of `burst` after a rest. All are at least 1.
struct Quota {
  std::int64_t count;
  std::chrono::nanoseconds period;
  std::int64_t burst;
};

// The result of charging a bucket.
struct Allowance {
  bool allowed = false;
  std::int64_t remaining = 0;           // tokens that are left
  std::chrono::seconds full_after{0};   // rounded up
  std::chrono::seconds retry_after{0};  // until there is a token, rounded up; 0 when allowed
};

// A token bucket for each key. A bucket is one moment, the one at which it will be full again
// (GCRA); full buckets are not stored. At most `buckets_max` are stored: a further one evicts the
// bucket that is nearest to being full, so a client that invents keys to evict its own bucket must
// empty a bucket of each key first. About 130 bytes a bucket. Any thread.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  RateLimiter(const Quota& quota, std::size_t buckets_max, Now now = Clock::now);

  // Charges tokens to the bucket of a key, if it has so many; more than its burst count as its
  // burst. Keys that a client can choose are hashed with a secret of this process.
  Allowance charge(std::string_view key, std::int64_t tokens = 1);
  Allowance charge(std::uint64_t key, std::int64_t tokens = 1);
  // Takes tokens for what has been done, those too that the bucket does not have: it stays empty
  // for longer then, by at most the time that it takes to fill.
  void debit(std::uint64_t key, std::int64_t tokens);
  // What charge(key) would return, without charging.
  Allowance peek(std::string_view key) const;
  Allowance peek(std::uint64_t key) const;

  const Quota& quota() const { return quota_; }
  // How long an empty bucket takes to fill, rounded up.
  std::chrono::seconds window() const;
  std::size_t buckets() const;

 private:
  using Moment = Clock::time_point;

  std::uint64_t number_of(std::string_view key) const;
  Moment full_at(std::uint64_t key, Moment now) const;
  // `needed`: the tokens that a refused request asked for; 0: it was allowed.
  Allowance judge(Moment full_at, Moment now, std::int64_t needed) const;
  void store(std::uint64_t key, Moment full_at);
  void evict_full(Moment now);

  const Quota quota_;
  const std::chrono::nanoseconds interval_;  // between two tokens
  const std::chrono::nanoseconds depth_;     // of a bucket: all its tokens
  const std::size_t buckets_max_;
  const Now now_;
  const std::string secret_;

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Moment> full_at_;
  std::set<std::pair<Moment, std::uint64_t>> by_moment_;  // the same, the fullest first
};

// The refusal (429) of a request that is not allowed, with the time to wait.
Error rate_refusal(const Allowance& allowance);

}  // namespace fechatter::http
