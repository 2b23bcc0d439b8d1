#pragma once

#include <optional>
#include <string_view>

#include "notify_server/log/cursor.hpp"
#include "notify_server/log/replay_slice.hpp"
#include "notify_server/membership/cached_user.hpp"

namespace fechatter::notify {

// What a connection needs until it is live.
struct CatchUpState {
  Cursor cursor;
  SteadyTime began;
  SteadyTime opened;                   // does not move, as `began` does
  bool has_cursor = false;             // the client has sent one
  std::size_t replayed = 0;            // events
  std::string_view reset_reason = {};  // events are lost: only a Reset helps; a literal
  bool was_live = false;               // has received CaughtUp
  bool replaying = false;              // a part of the missed events has been sent
  std::optional<ReplaySlice> slice;    // of the stream, read and not replayed to its end …
  std::size_t slice_next = 0;          // … but up to this one of its events
  std::uint64_t slice_as_of = 0;       // the ring's last sequence before it was read
  // At most one of these is true.
  bool waiting = false;        // for the ring, the database or the stream
  bool queued = false;         // for the next step of its replay
  bool reading_slice = false;  // of the stream

  bool idle() const { return !waiting && !queued && !reading_slice; }
};

}  // namespace fechatter::notify
