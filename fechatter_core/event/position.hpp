#pragma once

#include <compare>
#include <cstdint>

namespace fechatter::event {

// A place in the log of events: the epoch of the stream's content and the sequence within the
// stream. {0, 0} is the place before anything is known; real epochs and sequences begin at 1.
struct Position {
  std::int64_t epoch = 0;
  std::uint64_t stream_seq = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace fechatter::event
