#pragma once

#include <functional>

#include "fechatter_core/async.hpp"
#include "notify_server/log/event.hpp"

namespace fechatter::notify {

// A part of what the stream still holds and the ring has evicted.
struct ReplaySlice {
  std::vector<EventPtr> events;  // of one workspace, in the order of the stream
  std::uint64_t through = 0;     // the slice goes up to this sequence
  bool expired = false;          // the stream no longer holds the next message in this epoch
};

// Reads what follows the position, up to that sequence or less, at least one message. Throws when
// the stream cannot be read; the caller retries.
using ReplaySource = std::function<awaitable<ReplaySlice>(WorkspaceId, Position, std::uint64_t)>;

}  // namespace fechatter::notify
