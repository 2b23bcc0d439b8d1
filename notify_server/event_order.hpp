#pragma once

#include "notify_server/position.hpp"
#include "notify_server/seen_events.hpp"

namespace fechatter::notify {

// Tells what a message of the stream is, by its place and its event. Epochs never go back; within
// an epoch sequences are contiguous; an event is told once, however often it is published. One
// thread.
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

  // The log is known, or given up, up to here.
  void begin_after(Position position);

  Place place_of(Position position) const;
  // REQUIRES for both: the place is `next`. They move position() on.
  News take(Position position, EventId event);
  void skip(Position position);

  Position position() const { return position_; }

 private:
  Position position_;
  SeenEvents ever_;
  SeenEvents in_epoch_;
};

}  // namespace fechatter::notify
