#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace fechatter::server {

struct FailureDelaySettings {
  bool enabled = true;
  std::int64_t free = 5;          // failures in a row without a delay
  std::chrono::seconds delay{1};  // after the last of them
  std::chrono::seconds delay_max{15 * 60};
  std::size_t accounts_max = 100'000;  // 150 bytes each
};

// The delay of strangers that fail to sign in to an account: `delay` after the free failures, twice
// as long after each further one, up to delay_max. It is forgotten when a sign-in to the account
// succeeds, and when it has been over for an hour without a new failure. In the memory of
// this process. Beyond accounts_max the account is forgotten that would be forgotten first. Any
// thread.
class FailureDelays {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  explicit FailureDelays(const FailureDelaySettings& settings, Now now = Clock::now)
      : settings_{settings}, now_{std::move(now)} {}

  // A stranger's try. It counts as a failure from its beginning, so that tries at the same time are
  // not free; a try that ends without a verdict (an overload) is taken back. The delays outlive it.
  class Try {
   public:
    Try(FailureDelays& delays, std::string account)
        : delays_{&delays}, account_{std::move(account)} {}
    Try(Try&& other) noexcept
        : delays_{std::exchange(other.delays_, nullptr)}, account_{std::move(other.account_)} {}
    Try& operator=(Try&&) = delete;
    ~Try() {
      if (delays_) delays_->take_back(account_);
    }
    // The password was wrong.
    void failed() { delays_ = nullptr; }
    // It was right: forget().
    void succeeded() { std::exchange(delays_, nullptr)->forget(account_); }

   private:
    FailureDelays* delays_;
    std::string account_;
  };

  // Throws rate_limited while the account's delay lasts. `account`: any key of it.
  Try begin(const std::string& account);
  // A sign-in to the account has succeeded, of a known device or a stranger.
  void forget(const std::string& account);

  std::size_t accounts() const;

 private:
  using Moment = Clock::time_point;
  struct Failures {
    std::int64_t count = 0;
    Moment over;  // the delay
  };

  void take_back(const std::string& account);
  void store(const std::string& account, const Failures& failures);
  void erase(const std::string& account);
  void forget_old(Moment now);
  std::chrono::seconds delay_after(std::int64_t failures) const;

  const FailureDelaySettings settings_;
  const Now now_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Failures> failures_;
  std::set<std::pair<Moment, std::string>> by_moment_;  // at which the delay is over
};

}  // namespace fechatter::server
