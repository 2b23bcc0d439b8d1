#pragma once

#include "notify_server/log/replay_slice.hpp"
#include "notify_server/membership/membership_loader.hpp"

namespace fechatter::notify {

// Where a shard reads what a connection needs to catch up.
struct CatchUpSources {
  MembershipSource memberships;
  ReplaySource replay;
};

}  // namespace fechatter::notify
