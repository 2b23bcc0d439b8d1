#pragma once

#include "fechatter_core/postgres/membership_reads.hpp"
#include "notify_server/log/event.hpp"
#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {

// One ephemeral event for each change; its audience is the members of the chats that its user has
// in `memberships`, the sessions that have subscribed to the user, and the user's own when the user
// is or was away. Pure, but for the current time.
std::vector<EventPtr> make_presence_events(const std::vector<PresenceChange>& changes,
                                           const std::vector<postgres::MemberRow>& memberships);

}  // namespace fechatter::notify
