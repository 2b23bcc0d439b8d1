#pragma once

#include "notify_server/log/superseded_events.hpp"
#include "notify_server/membership/membership_loader.hpp"

namespace fechatter::notify {

// Where a shard reads what a connection needs to catch up.
struct CatchUpSources {
  MembershipSource memberships;
  ReplaySource replay;
  VersionSource versions;  // of the messages in what was replayed from the stream
};

}  // namespace fechatter::notify
