#pragma once

#include "notify_server/log/superseded_events.hpp"
#include "notify_server/membership/membership_loader.hpp"
#include "notify_server/stream/session_checks.hpp"

namespace fechatter::notify {

// Where a shard reads what its connections need: the first three to catch up.
struct CatchUpSources {
  MembershipSource memberships;
  ReplaySource replay;
  VersionSource versions;  // of the messages in what was replayed from the stream
  // REQUIRES: not null when a stream lasts as long as its session.
  SessionSource sessions = {};
};

}  // namespace fechatter::notify
