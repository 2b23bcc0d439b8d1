#include "notify_server/event_order.hpp"

namespace fechatter::notify {

void EventOrder::begin_after(Position position) {
  if (position.epoch != position_.epoch) in_epoch_.clear();
  position_ = position;
}

EventOrder::Place EventOrder::place_of(Position position) const {
  const bool follows = position.stream_seq == position_.stream_seq + 1;
  if (position.epoch > position_.epoch) return Place::next;
  if (position.epoch < position_.epoch) return follows ? Place::blank : Place::stale;
  if (position.stream_seq <= position_.stream_seq) return Place::stale;
  return follows ? Place::next : Place::jump;
}

EventOrder::News EventOrder::take(Position position, EventId event) {
  skip(position);
  const bool new_in_epoch = in_epoch_.insert(event);
  const bool new_at_all = ever_.insert(event);
  if (new_at_all) return News::fresh;
  return new_in_epoch ? News::retold : News::repeated;
}

void EventOrder::skip(Position position) {
  begin_after(position);
}

}  // namespace fechatter::notify
