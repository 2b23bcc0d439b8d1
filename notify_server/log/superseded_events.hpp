#pragma once

#include "fechatter_core/postgres/message_versions.hpp"
#include "notify_server/log/replay_slice.hpp"

namespace fechatter::notify {

// Reads the present versions of those messages that exist. Throws when the database cannot be read;
// the caller retries.
using VersionSource =
    std::function<awaitable<std::vector<postgres::MessageVersion>>(std::vector<MessageKey>)>;

// The messages that the slice shows, each once.
std::vector<MessageKey> messages_in(const ReplaySlice& slice);

// Leaves out the events whose version of a message is not the present one, and those of messages
// that exist no longer. Before an event without a version the slice ends, and is expired when it
// begins there: nothing says what that event has superseded. `after` is where the slice was read
// from. REQUIRES: `present` was read after the slice.
//
// A message that is edited or deleted after that: its event was committed after all that the slice
// holds, so it comes later in the stream, and the connection gets it as it gets any later event.
void leave_out_superseded(ReplaySlice& slice, Position after,
                          const std::vector<postgres::MessageVersion>& present);

}  // namespace fechatter::notify
