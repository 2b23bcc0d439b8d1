#pragma once

#include <chrono>

namespace fechatter {

// The monotonic clock of everything that decides by time: leases, patience, ticks. It is
// std::chrono::steady_clock, unless a simulation has put its own time in place for the thread that
// it runs on.
class SteadyClock {
 public:
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  static time_point now() { return simulated_ ? *simulated_ : std::chrono::steady_clock::now(); }

  // For simulations only: from here on, the calling thread's time is what stands in `now`; null
  // gives it the real one back. REQUIRES: `now` outlives that.
  static void simulate(const time_point* now) { simulated_ = now; }
  static bool is_simulated() { return simulated_ != nullptr; }

 private:
  static inline constinit thread_local const time_point* simulated_ = nullptr;
};

}  // namespace fechatter
