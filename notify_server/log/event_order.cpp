#include "notify_server/log/event_order.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t epochs_max = 64;

}  // namespace

void EventOrder::begin_after(Position position) {
  if (position.epoch != position_.epoch) in_epoch_.clear();
  position_ = position;
  if (position.epoch == 0) return;
  epochs_[position.epoch] = position.stream_seq;
  if (epochs_.size() > epochs_max) epochs_.erase(epochs_.begin());
}

void EventOrder::lose(Position up_to) {
  epochs_.clear();
  begin_after(up_to);
}

SequenceCheck EventOrder::check(Position position, std::uint64_t epoch_first_seq) const {
  const bool follows = position.stream_seq == position_.stream_seq + 1;
  if (position_ == Position{}) return SequenceCheck::next;
  if (position.epoch > position_.epoch) {
    const bool begins = epoch_first_seq == 0 || position.stream_seq == epoch_first_seq;
    return begins ? SequenceCheck::next : SequenceCheck::gap;
  }
  if (position.epoch < position_.epoch)
    return follows ? SequenceCheck::foreign : SequenceCheck::stale;
  if (position.stream_seq <= position_.stream_seq) return SequenceCheck::stale;
  return follows ? SequenceCheck::next : SequenceCheck::gap;
}

Novelty EventOrder::accept(Position position, EventId event, Position first_position) {
  const bool old = was_delivered(first_position);
  skip(position);
  const bool new_in_epoch = in_epoch_.insert(event);
  const bool new_at_all = ever_.insert(event);
  if (new_at_all && !old) return Novelty::first;
  return new_in_epoch ? Novelty::republished : Novelty::duplicate;
}

bool EventOrder::was_delivered(Position first_position) const {
  if (first_position.epoch == 0 || epochs_.empty()) return false;
  if (first_position.epoch < epochs_.begin()->first) return true;
  const auto followed = epochs_.find(first_position.epoch);
  return followed != epochs_.end() && first_position.stream_seq <= followed->second;
}

void EventOrder::skip(Position position) {
  begin_after(position);
}

}  // namespace fechatter::notify
