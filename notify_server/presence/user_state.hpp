#pragma once

#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/presence_status.hpp"
#include "fechatter_core/steady_clock.hpp"

namespace fechatter::notify {

// The presence of a user: on one instance, or on all together.
struct UserState {
  PresenceStatus status = PresenceStatus::offline;
  // Of the last activity; of an offline user, when the last stream closed.
  SteadyClock::time_point since;
  std::string platform = {};  // of the session that was active last; empty: not known
  SteadyClock::time_point platform_since = {};

  // No change to a client that knows `shown`: times are none, nor is a platform that is not known
  // any more, as after a reconnect.
  bool looks_like(const UserState& shown) const {
    return status == shown.status && (platform.empty() || platform == shown.platform);
  }
};

// That moment by the wall clock.
inline Timestamp wall_time(SteadyClock::time_point moment) {
  const auto age = SteadyClock::now() - moment;
  return now() - std::chrono::duration_cast<std::chrono::microseconds>(age);
}

}  // namespace fechatter::notify
