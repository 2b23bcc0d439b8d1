#pragma once

#include <boost/asio/basic_waitable_timer.hpp>

#include "fechatter_core/async.hpp"
#include "fechatter_core/steady_clock.hpp"

namespace fechatter {

// Simulated time does not pass while a reactor waits, so the reactor must check its timers in each
// round.
struct SteadyWait {
  static SteadyClock::duration to_wait_duration(const SteadyClock::duration& left) {
    return SteadyClock::is_simulated() ? SteadyClock::duration::zero() : left;
  }
  static SteadyClock::duration to_wait_duration(const SteadyClock::time_point& at) {
    return to_wait_duration(at - SteadyClock::now());
  }
};

// A timer by SteadyClock.
template <class TimerExecutor>
using SteadyTimer = asio::basic_waitable_timer<SteadyClock, SteadyWait, TimerExecutor>;

}  // namespace fechatter
