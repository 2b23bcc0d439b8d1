#pragma once

#include <map>

#include "notify_server/log/position.hpp"
#include "notify_server/log/seen_events.hpp"

namespace fechatter::notify {

// Tells what a message of the stream is, by its place and its event. Epochs never go back; within
// an epoch sequences are contiguous, from its first one on; an event is told once, however often it
// is published. One thread.
class EventOrder {
 public:
  enum class Place {
    next,
    blank,  // the next sequence, but of no epoch or an older one: nothing to tell
    stale,  // of an older epoch, or at a sequence that is passed: no part of the log any more
    jump,   // sequences are missing before it
  };
  enum class News {
    fresh,    // never seen
    retold,   // seen in an earlier epoch: published again after a loss
    repeated  // seen in this epoch
  };

  // `window`: as SeenEvents has it.
  explicit EventOrder(std::int64_t window = SeenEvents::default_window)
      : ever_{window}, in_epoch_{window} {}

  // The log is known up to here.
  void begin_after(Position position);
  // The log is given up, up to here. Whoever listens fetches what was told until then.
  void lose(Position up_to);

  // `epoch_first_seq` is where the message's epoch begins; 0 when it does not say.
  Place place_of(Position position, std::uint64_t epoch_first_seq) const;
  // REQUIRES for both: the place is `next`. They move position() on.
  // `told` is where an earlier epoch told the event, or {}: what was told before this instance
  // began to follow the stream is no news either.
  News take(Position position, EventId event, Position first_position = {});
  void skip(Position position);

  Position position() const { return position_; }

 private:
  bool was_delivered(Position first_position) const;

  Position position_;
  std::map<std::int64_t, std::uint64_t> epochs_;  // followed, with their last sequence
  SeenEvents ever_;
  SeenEvents in_epoch_;
};

}  // namespace fechatter::notify
