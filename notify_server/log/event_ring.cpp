#include "notify_server/log/event_ring.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::notify {
namespace {

// The ephemeral part is fanned out once, when the event arrives, and never replayed.
EventPtr without_ephemeral_part(const EventPtr& event) {
  if (!event->ephemeral_part) return event;
  auto copy = std::make_shared<Event>(*event);
  copy->ephemeral_part.reset();
  return copy;
}

}  // namespace

void EventRing::restart(Position position, EventId republish_through) {
  if (republishing()) republish_through_ = republish_through;
  events_.clear();
  shown_.clear();
  bytes_ = 0;
  position_ = position;
  evicted_through_ = position.stream_seq;
}

void EventRing::begin_epoch(Position position, EventId republish_through) {
  restart(position, republish_through);
  republish_through_ = position.epoch > 1 ? republish_through : EventId{};
}

void EventRing::append(const EventPtr& event) {
  if (event->shows_message()) supersede_earlier(*event);
  events_.push_back(without_ephemeral_part(event));
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

bool EventRing::has_superseded(const Event& event) const {
  if (!event.shows_message()) return false;
  const auto newest = shown_.find(event.message());
  return newest != shown_.end() && newest->second > event.position.stream_seq;
}

EventRing::Iterator EventRing::after(std::uint64_t stream_seq) const {
  return std::upper_bound(
      events_.begin(), events_.end(), stream_seq,
      [](std::uint64_t seq, const EventPtr& event) { return seq < event->position.stream_seq; });
}

void EventRing::supersede_earlier(const Event& event) {
  const auto [newest, first] = shown_.try_emplace(event.message(), event.position.stream_seq);
  if (first) return;
  const auto earlier = std::exchange(newest->second, event.position.stream_seq);
  auto& superseded = events_[static_cast<std::size_t>(after(earlier - 1) - events_.cbegin())];
  bytes_ -= superseded->frame.size();
  auto empty = std::make_shared<Event>();  // of no workspace: no user receives it
  empty->position = superseded->position;
  superseded = std::move(empty);
}

void EventRing::evict_oldest() {
  const auto& oldest = *events_.front();
  evicted_through_ = oldest.position.stream_seq;
  bytes_ -= oldest.frame.size();
  if (oldest.shows_message()) shown_.erase(oldest.message());
  events_.pop_front();
}

}  // namespace fechatter::notify
