#pragma once

#include <deque>

#include "notify_server/event.hpp"

namespace fechatter::notify {

// The recent events of one epoch, in the order of the stream, and how far the log is known. Bounded
// by events and by bytes of frames. Belongs to one shard; the events are shared with the other
// shards.
class EventLog {
 public:
  struct Limits {
    std::size_t events = 50'000;
    std::size_t bytes = 64 * 1024 * 1024;
  };
  using Iterator = std::deque<EventPtr>::const_iterator;

  enum class Holding {
    held,   // everything after the cursor is here
    ahead,  // the cursor is beyond what is known here
    gone,   // an older epoch, or events that are held no longer
  };

  explicit EventLog(Limits limits) : limits_{limits} {}

  // Begins anew: nothing at or before `position` is held.
  void restart(Position position);
  // REQUIRES for both: same epoch, beyond position().
  void append(const EventPtr& event);
  void advance(Position position);

  Position position() const { return position_; }
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
  std::uint64_t held_after_ = 0;  // every event of this epoch beyond this sequence is held
  std::size_t bytes_ = 0;
  std::deque<EventPtr> events_;
};

}  // namespace fechatter::notify
