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
  last_event_ = {};
  evicted_through_ = position.stream_seq;
  evicted_event_ = {};
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
  last_event_ = event->event_id;
  if (event->event_id >= republish_through_) republish_through_ = {};
  while (events_.size() > limits_.events || bytes_ > limits_.bytes) evict_oldest();
}

void EventRing::advance(Position position, EventId erased) {
  if (position != position_) last_event_ = erased;
  position_ = position;
  if (republishing() && erased >= republish_through_) republish_through_ = {};
}

CursorStatus EventRing::status_of(FrameId cursor) const {
  const auto [epoch, stream_seq] = cursor.position;
  if (cursor.position > position_) return CursorStatus::ahead;
  if (epoch < position_.epoch) return CursorStatus::expired;
  if (epoch > 1 && stream_seq == 0) {
    return republishing() ? CursorStatus::mid_republish : CursorStatus::expired;
  }
  if (stream_seq < evicted_through_) return CursorStatus::evicted;
  const auto there = cursor.event.value > 0 ? event_at(stream_seq) : EventId{};
  const bool same = there.value == 0 || there == cursor.event;
  return same ? CursorStatus::in_ring : CursorStatus::used_again;
}

EventId EventRing::event_at(std::uint64_t stream_seq) const {
  if (stream_seq == position_.stream_seq) return last_event_;
  if (stream_seq == evicted_through_) return evicted_event_;
  const auto found = after(stream_seq - 1);
  const bool holds = found != end() && (*found)->position.stream_seq == stream_seq;
  return holds ? (*found)->event_id : EventId{};
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
  empty->event_id = superseded->event_id;
  superseded = std::move(empty);
}

void EventRing::evict_oldest() {
  const auto& oldest = *events_.front();
  evicted_through_ = oldest.position.stream_seq;
  evicted_event_ = oldest.event_id;
  bytes_ -= oldest.frame.size();
  if (oldest.shows_message()) shown_.erase(oldest.message());
  events_.pop_front();
}

}  // namespace fechatter::notify
