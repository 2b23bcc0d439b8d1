#pragma once

#include <map>

#include "notify_server/log/cursor.hpp"
#include "notify_server/log/dedup_bitmap.hpp"

namespace fechatter::notify {

// How the sequence of a stream message fits the position.
enum class SequenceCheck {
  next,
  foreign,  // the next sequence, but of no epoch or of an older one: not the relay's event
  stale,    // of an older epoch, or at a sequence already passed
  gap,      // sequences are missing before it
};

// Whether an event was published before.
enum class Novelty {
  first,        // its first publication
  republished,  // published in an earlier epoch, and now in this one
  duplicate,    // published in this epoch before
};

// Classifies the messages of the stream by their sequence and their event id. Epochs only rise;
// within an epoch the sequences are contiguous, from the epoch's first one on; an event counts as
// new once, however often it is published. One thread.
class EventOrder {
 public:
  // `window`: the size of each DedupBitmap.
  explicit EventOrder(std::int64_t window = DedupBitmap::default_window)
      : ever_{window}, in_epoch_{window} {}

  // Everything up to `position` has been followed.
  void begin_after(Position position);
  // Events up to that position are lost; every client refetches what was published until then.
  void lose(Position up_to);

  // `epoch_first_seq` is the first sequence of the message's epoch; 0 when the message lacks it.
  SequenceCheck check(Position position, std::uint64_t epoch_first_seq) const;
  // REQUIRES for both: check() returned `next` or `foreign`. They advance position().
  // `first_position` is where an earlier epoch published the event first, or {}. An event that was
  // published before this instance followed the stream is not new either.
  Novelty accept(Position position, EventId event, Position first_position = {});
  void skip(Position position);

  Position position() const { return position_; }

 private:
  bool was_delivered(Position first_position) const;

  Position position_;
  std::map<std::int64_t, std::uint64_t>
      epochs_;  // the epochs followed, each with its last sequence
  DedupBitmap ever_;
  DedupBitmap in_epoch_;
};

}  // namespace fechatter::notify
