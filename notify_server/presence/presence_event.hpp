#pragma once

#include "fechatter_core/postgres/membership_reads.hpp"
#include "notify_server/log/event.hpp"
#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {

// What is told of each change, to those who sit in a chat with whom it is about; `seats` are
// theirs. Nothing of those who have none. Pure, but for the time it is.
std::vector<EventPtr> make_presence_events(const std::vector<PresenceChange>& changes,
                                           const std::vector<postgres::MemberRow>& seats);

}  // namespace fechatter::notify
