#pragma once

#include <deque>

#include "notify_server/log/event.hpp"

namespace fechatter::notify {

// The recent events of one epoch, in the order of the stream, and how far the log is known. Bounded
// by events and by bytes of frames. Belongs to one shard; the events are shared with the other
// shards.
//
// After a loss of the stream, an epoch first tells again what an earlier one has told, to those who
// have missed it. Nobody can resume in the midst of that: until it is over everybody is given the
// place <epoch>-0, from which there is only a Reset.
class EventLog {
 public:
  struct Limits {
    std::size_t events = 50'000;
    std::size_t bytes = 64 * 1024 * 1024;
  };
  using Iterator = std::deque<EventPtr>::const_iterator;

  enum class Holding {
    held,    // everything after the cursor is here
    ahead,   // the cursor is beyond what is known here
    behind,  // the same epoch, but events that are held no longer; the stream may have them
    amidst,  // in what this epoch tells again, and that is not over
    gone,    // an older epoch, or in what this one told again
  };

  explicit EventLog(Limits limits) : limits_{limits} {}

  // Begins anew: nothing at or before `position` is held. If the epoch tells again, it goes on up
  // to that event; 0: not any more.
  void restart(Position position, EventId republish_through);
  // The same for a new epoch, which tells again up to that event; 0: nothing.
  void begin_epoch(Position position, EventId republish_through);
  // REQUIRES for both: same epoch, beyond position().
  void append(const EventPtr& event);
  void advance(Position position);

  Position position() const { return position_; }
  // Every event of this epoch beyond this sequence is held.
  std::uint64_t held_after() const { return held_after_; }
  bool retelling() const { return republish_through_.value > 0; }
  // What is given to those who are live, for when they come back: position(), up to which
  // everything has been handed to them, but not while an epoch tells again.
  Position handed() const { return retelling() ? Position{position_.epoch, 0} : position_; }
  std::size_t size() const { return events_.size(); }
  std::size_t bytes() const { return bytes_; }

  Holding holding_after(Position cursor) const;
  // The first event beyond that sequence. Valid until the next change.
  Iterator after(std::uint64_t stream_seq) const;
  Iterator end() const { return events_.end(); }

 private:
  void drop_oldest();

  const Limits limits_;
  Position position_;
  std::uint64_t held_after_ = 0;
  EventId republish_through_;
  std::size_t bytes_ = 0;
  std::deque<EventPtr> events_;
};

}  // namespace fechatter::notify
