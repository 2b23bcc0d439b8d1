#pragma once

#include <chrono>

namespace fechatter {

// The monotonic clock of all decisions by time: leases, time-outs, ticks. It is
// std::chrono::steady_clock, unless a simulation has replaced the time of its thread.
class SteadyClock {
 public:
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  static time_point now() { return simulated_ ? *simulated_ : std::chrono::steady_clock::now(); }

  // For simulations only: from now on, the time of the calling thread is `*now`; null restores the
  // real time. REQUIRES: `now` outlives the replacement.
  static void simulate(const time_point* now) { simulated_ = now; }
  static bool is_simulated() { return simulated_ != nullptr; }

 private:
  static inline constinit thread_local const time_point* simulated_ = nullptr;
};

}  // namespace fechatter
