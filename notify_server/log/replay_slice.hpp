#pragma once

#include <functional>

#include "fechatter_core/async.hpp"
#include "fechatter_core/event/erasures.hpp"
#include "fechatter_core/event/event_stream.hpp"
#include "notify_server/log/event.hpp"

namespace fechatter::notify {

// A part of what the stream still holds and the ring has evicted.
struct ReplaySlice {
  std::vector<EventPtr> events;  // of one workspace, in the order of the stream
  std::uint64_t through = 0;     // the slice goes up to this sequence
  bool expired = false;          // the next message is lost, expired, or of another epoch
};

// Reads the workspace's messages after the client's position, up to the sequence `to` or less.
// `expired` also when the stream has another event there. A message that is missing is noticed:
// each message names the one before it of its workspace, and where none follows, the stream must be
// whole, and of the position's epoch at `to`. An erased message is not missing: its record names
// the one before it. Throws what the stream and `erasures` throw, and std::runtime_error where
// nothing can be said.
ReplaySlice read_slice(event::EventStream& stream, event::ErasureSource& erasures,
                       WorkspaceId workspace, FrameId after, std::uint64_t to,
                       const event::ReadLimits& limits);

// Reads a slice, of at least one message or up to the end. Throws when the stream cannot be read;
// the caller retries.
using ReplaySource = std::function<awaitable<ReplaySlice>(WorkspaceId, FrameId, std::uint64_t)>;

}  // namespace fechatter::notify
