#include "notify_server/log/event_log.hpp"

#include <algorithm>

namespace fechatter::notify {

void EventLog::restart(Position position, EventId republish_through) {
  if (retelling()) republish_through_ = republish_through;
  events_.clear();
  bytes_ = 0;
  position_ = position;
  held_after_ = position.stream_seq;
}

void EventLog::begin_epoch(Position position, EventId republish_through) {
  restart(position, republish_through);
  republish_through_ = position.epoch > 1 ? republish_through : EventId{};
}

void EventLog::append(const EventPtr& event) {
  events_.push_back(event);
  bytes_ += event->frame.size();
  position_ = event->position;
  if (event->event_id >= republish_through_) republish_through_ = {};
  while (events_.size() > limits_.events || bytes_ > limits_.bytes) drop_oldest();
}

void EventLog::advance(Position position) {
  position_ = position;
}

EventLog::Holding EventLog::holding_after(Position cursor) const {
  if (cursor > position_) return Holding::ahead;
  if (cursor.epoch < position_.epoch) return Holding::gone;
  if (cursor.epoch > 1 && cursor.stream_seq == 0) {
    return retelling() ? Holding::amidst : Holding::gone;
  }
  return cursor.stream_seq < held_after_ ? Holding::behind : Holding::held;
}

EventLog::Iterator EventLog::after(std::uint64_t stream_seq) const {
  return std::upper_bound(
      events_.begin(), events_.end(), stream_seq,
      [](std::uint64_t seq, const EventPtr& event) { return seq < event->position.stream_seq; });
}

void EventLog::drop_oldest() {
  held_after_ = events_.front()->position.stream_seq;
  bytes_ -= events_.front()->frame.size();
  events_.pop_front();
}

}  // namespace fechatter::notify
