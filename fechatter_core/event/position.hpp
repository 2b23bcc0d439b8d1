#pragma once

#include <compare>
#include <cstdint>

namespace fechatter::event {

// A position in the log of events: an epoch and a sequence of the stream. {0, 0} is before all
// events; epochs and sequences begin at 1.
struct Position {
  std::int64_t epoch = 0;
  std::uint64_t stream_seq = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace fechatter::event
