#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>

#include "notify_server/log/event.hpp"

namespace fechatter::notify {

// Where a client's cursor stands in relation to the ring.
enum class CursorStatus {
  in_ring,        // the ring holds every event after the cursor
  ahead,          // the cursor is beyond the ring's position
  evicted,        // the same epoch, but the ring has evicted events after the cursor
  mid_republish,  // inside the backlog that this epoch is still republishing
  expired,        // an older epoch, or inside a backlog whose republishing is over
  used_again,     // another event is at the cursor's sequence than the one that the client has
};

// The recent events of one epoch, in the order of the stream, and the position up to which the
// stream was followed. Bounded by events and by bytes of frames. Belongs to one shard; the events
// are shared with the other shards.
//
// Each event that shows a message supersedes the earlier ones that show it: what was edited or
// deleted is in the ring no longer once the edit or the deletion is. In place of a superseded event
// there is one without content, which is for no user.
//
// After a loss of the stream, a new epoch first republishes earlier events for clients that missed
// them. No position inside that backlog is resumable: until it is over, every frame carries the
// non-resumable id <epoch>-0, which leads to a Reset.
class EventRing {
 public:
  struct Limits {
    std::size_t events = 50'000;
    std::size_t bytes = 64 * 1024 * 1024;
  };
  using Iterator = std::deque<EventPtr>::const_iterator;

  explicit EventRing(Limits limits) : limits_{limits} {}

  // Empties the ring: it holds events beyond `position` only. A backlog that is being republished
  // goes on up to that event; 0: it is over.
  void restart(Position position, EventId republish_through);
  // The same for a new epoch, which first republishes up to that event; 0: nothing.
  void begin_epoch(Position position, EventId republish_through);
  // REQUIRES for both: same epoch, beyond position().
  void append(const EventPtr& event);
  // `erased`: the event at the position, which has no text any more; 0: there is none.
  void advance(Position position, EventId erased = {});

  Position position() const { return position_; }
  // The ring holds every event of this epoch beyond this sequence.
  std::uint64_t evicted_through() const { return evicted_through_; }
  bool republishing() const { return republish_through_.value > 0; }
  // The id for frames of live connections: of position(), up to which they have everything; not
  // resumable while a backlog is republished.
  FrameId resume_id() const {
    return republishing() ? FrameId{{position_.epoch, 0}, {}} : FrameId{position_, last_event_};
  }
  std::size_t size() const { return events_.size(); }
  std::size_t bytes() const { return bytes_; }

  CursorStatus status_of(FrameId cursor) const;
  // The ring has a later event that shows the same message.
  bool has_superseded(const Event& event) const;
  // The first event beyond that sequence. Valid until the next change.
  Iterator after(std::uint64_t stream_seq) const;
  Iterator end() const { return events_.end(); }

 private:
  // The event at that sequence; 0: none, or it is not known here.
  EventId event_at(std::uint64_t stream_seq) const;
  void supersede_earlier(const Event& event);
  void evict_oldest();

  const Limits limits_;
  Position position_;
  EventId last_event_;  // at position_; 0: none, or not known
  std::uint64_t evicted_through_ = 0;
  EventId evicted_event_;  // at evicted_through_, likewise
  EventId republish_through_;
  std::size_t bytes_ = 0;
  std::deque<EventPtr> events_;
  // The sequences of the events that show a message, the newest of each message.
  boost::unordered_flat_map<MessageKey, std::uint64_t, std::hash<MessageKey>> shown_;
};

}  // namespace fechatter::notify
