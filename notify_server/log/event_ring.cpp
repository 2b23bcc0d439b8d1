#include "notify_server/log/event_ring.hpp"

#include <algorithm>

namespace fechatter::notify {

void EventRing::restart(Position position, EventId republish_through) {
  if (republishing()) republish_through_ = republish_through;
  events_.clear();
  bytes_ = 0;
  position_ = position;
  evicted_through_ = position.stream_seq;
}

void EventRing::begin_epoch(Position position, EventId republish_through) {
  restart(position, republish_through);
  republish_through_ = position.epoch > 1 ? republish_through : EventId{};
}

void EventRing::append(const EventPtr& event) {
  events_.push_back(event);
  bytes_ += event->frame.size();
  position_ = event->position;
  if (event->event_id >= republish_through_) republish_through_ = {};
  while (events_.size() > limits_.events || bytes_ > limits_.bytes) evict_oldest();
}

void EventRing::advance(Position position, EventId erased) {
  position_ = position;
  if (republishing() && erased >= republish_through_) republish_through_ = {};
}

CursorStatus EventRing::status_of(Position cursor) const {
  if (cursor > position_) return CursorStatus::ahead;
  if (cursor.epoch < position_.epoch) return CursorStatus::expired;
  if (cursor.epoch > 1 && cursor.stream_seq == 0) {
    return republishing() ? CursorStatus::mid_republish : CursorStatus::expired;
  }
  return cursor.stream_seq < evicted_through_ ? CursorStatus::evicted : CursorStatus::in_ring;
}

EventRing::Iterator EventRing::after(std::uint64_t stream_seq) const {
  return std::upper_bound(
      events_.begin(), events_.end(), stream_seq,
      [](std::uint64_t seq, const EventPtr& event) { return seq < event->position.stream_seq; });
}

void EventRing::evict_oldest() {
  evicted_through_ = events_.front()->position.stream_seq;
  bytes_ -= events_.front()->frame.size();
  events_.pop_front();
}

}  // namespace fechatter::notify
