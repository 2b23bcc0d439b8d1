#include "notify_server/log/event_follower.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

using event::StartAt;
using event::StreamMessage;
using event::StreamState;
using std::chrono::milliseconds;

constexpr std::size_t batch_max = 256;
constexpr milliseconds look_around{200};  // how long a step waits for a message
constexpr milliseconds ask_again{200};    // while there is no stream, or a doubtful one
constexpr std::chrono::seconds patience{3};

// What its epoch tells again from this message on; 0: nothing.
EventId still_retold(const StreamMessage& message) {
  const auto until = message.epoch.republish_through;
  return event::parse_message_id(message.message_id).event < until ? until : EventId{};
}

}  // namespace

EventFollower::EventFollower(FollowRules rules, Sink sink)
    : rules_{rules}, sink_{std::move(sink)}, order_{rules.dedup_window} {}

milliseconds EventFollower::step(event::EventStream& stream) {
  if (!reader_ && !open(stream)) return ask_again;
  read(stream);
  return reader_ ? milliseconds{0} : ask_again;
}

void EventFollower::give_up() {
  reader_.reset();
  doubt_since_.reset();
  behind_ = false;
}

// False: there is nothing to read yet. The relay makes the stream, with the first event there ever
// is.
bool EventFollower::open(event::EventStream& stream) {
  const auto state = stream.find_state();
  if (!state) {
    begun_ = caught_up_ = true;
    announce_if_warmed_up();
    // There has never been one; else it is lost, and nobody knows what was in it.
    if (order_.position() == Position{}) announce_head();
    return false;
  }
  end_ = state->last_seq;
  const auto start = begun_ ? find_start(stream, *state) : find_first_start(stream, *state);
  if (!start) return false;
  reader_ = stream.follow(*start);
  spdlog::info("events: following the stream after {}", to_string(order_.position()));
  announce_if_warmed_up();
  return true;
}

StartAt EventFollower::find_first_start(event::EventStream& stream, const StreamState& state) {
  begun_ = caught_up_ = state.messages == 0;
  if (begun_) return {state.last_seq + 1, {}};
  const auto most = state.last_seq - state.first_seq < rules_.ring_events
                        ? state.first_seq
                        : state.last_seq - rules_.ring_events + 1;
  const auto tail = stream.find_message(state.last_seq);
  const auto first = stream.find_message(most);
  if (!tail || !first) return {most, {}};
  const auto oldest = tail->stored_at_ns - std::chrono::nanoseconds{rules_.ring}.count();
  if (first->stored_at_ns >= oldest) return {most, {}};
  return {{}, oldest};
}

// Nothing while it is not known where the log goes on.
std::optional<StartAt> EventFollower::find_start(event::EventStream& stream,
                                                 const StreamState& state) {
  const auto position = order_.position();
  if (position.stream_seq == 0) return StartAt{};
  const bool holds = holds_what_was_seen(stream, state);
  if (holds && !doubt_since_) return StartAt{position.stream_seq + 1, {}};
  if (const auto start = find_next_epoch(stream, state)) return start;
  // A jump is looked at again: it may have been the connection's doing.
  if (holds) return StartAt{position.stream_seq + 1, {}};
  if (is_patient(stream)) return std::nullopt;
  const auto tail = stream.find_message(state.last_seq);
  sink_({tail ? lose({tail->epoch.number, state.last_seq}, still_retold(*tail))
              : lose({position.epoch, state.last_seq}, {})});
  return StartAt{state.last_seq + 1, {}};
}

// Sequences are used again after a lost tail, so the number alone proves nothing.
bool EventFollower::holds_what_was_seen(event::EventStream& stream,
                                        const StreamState& state) const {
  const auto seen = order_.position().stream_seq;
  if (state.last_seq < seen) return false;
  const auto message = stream.find_message(seen);
  return message ? message->message_id == seen_.message_id : state.first_seq > seen;
}

std::optional<StartAt> EventFollower::find_next_epoch(event::EventStream& stream,
                                                      const StreamState& state) {
  if (state.messages == 0) return StartAt{state.last_seq + 1, {}};
  const auto tail = stream.find_message(state.last_seq);
  if (!tail || tail->epoch.number <= order_.position().epoch) return std::nullopt;
  return StartAt{tail->epoch.first_seq, {}};
}

void EventFollower::read(event::EventStream& stream) {
  if (auto message = reader_->next(look_around)) {
    behind_ = false;
    if (!take_ready(stream, std::move(*message))) reader_.reset();
    return;
  }
  // A consumer may stall: once, with nats-server 2.9, an event came only after the next connection.
  const auto state = stream.find_state();
  const auto seen = order_.position().stream_seq;
  const bool was_behind =
      std::exchange(behind_, state && state->messages > 0 && state->last_seq > seen);
  // A stream that cannot be found, or has lost its end, says nothing of what there was.
  if (state && state->last_seq == seen) announce_head();
  if (!behind_ || !was_behind) return;
  spdlog::warn("events: nothing comes after {}; asking anew", to_string(order_.position()));
  reader_.reset();
}

// False: what is ready does not follow what was seen.
bool EventFollower::take_ready(event::EventStream& stream, StreamMessage first) {
  std::vector<StreamUpdate> batch;
  std::optional<StreamMessage> message{std::move(first)};
  bool in_order = true;
  try {
    while (message) {
      in_order = take(stream, *message, batch);
      if (!in_order || batch.size() >= batch_max) break;
      message = reader_->next(milliseconds{0});
    }
  } catch (const std::runtime_error&) {
    sink_(batch);
    throw;
  }
  // nats-server 2.9 was seen to say that nothing is pending in the midst of a damaged stream.
  const bool at_end = caught_up_ && order_.position().stream_seq >= end_;
  if (in_order && at_end)
    batch.push_back({StreamUpdate::Kind::at_head, order_.position(), nullptr});
  if (!batch.empty()) sink_(batch);
  announce_if_warmed_up();
  return in_order;
}

bool EventFollower::take(event::EventStream& stream, const StreamMessage& message,
                         std::vector<StreamUpdate>& batch) {
  const Position at{message.epoch.number, message.stream_seq};
  const auto before = order_.position();
  begun_ = true;
  caught_up_ = message.pending == 0;
  if (at.epoch == 0 && before.epoch == 0) return true;
  const auto place = order_.check(at, message.epoch.first_seq);
  if (place == SequenceCheck::stale) return true;
  const bool jump = place == SequenceCheck::gap;
  if (jump && is_patient(stream)) return false;
  const bool covered = before.epoch == 0 || at.epoch <= before.epoch ||
                       seen_at_ns_ / 1'000'000'000 >= message.epoch.covers_seconds;
  if (jump || !covered) {
    batch.push_back(lose({at.epoch, at.stream_seq - 1}, still_retold(message)));
  }
  batch.push_back(place == SequenceCheck::foreign ? skip(at) : update_of(message, at));
  seen_ = {message.stream_seq, message.message_id};
  // What is told again says nothing of what was first told in between: that comes after it.
  const bool complete = place != SequenceCheck::foreign && still_retold(message).value == 0;
  if (complete) seen_at_ns_ = message.stored_at_ns;
  doubt_since_.reset();
  return true;
}

// Shows the relay what was seen, and gives it time to heal the stream.
bool EventFollower::is_patient(event::EventStream& stream) {
  const auto at = Clock::now();
  if (!doubt_since_) {
    spdlog::warn("events: the stream does not go on after {}", to_string(order_.position()));
    doubt_since_ = at;
  }
  if (at - *doubt_since_ >= patience) return false;
  stream.request_verification(seen_);
  return true;
}

StreamUpdate EventFollower::lose(Position up_to, EventId republish_through) {
  spdlog::error("events: what was after {} cannot be had; going on after {}",
                to_string(order_.position()), to_string(up_to));
  order_.lose(up_to);
  doubt_since_.reset();
  return {StreamUpdate::Kind::lost, up_to, nullptr, republish_through};
}

StreamUpdate EventFollower::update_of(const StreamMessage& message, Position at) {
  auto event = read_event(message.data, at, message.first_position);
  if (!event) return skip(at);
  const auto until = message.epoch.republish_through;
  switch (order_.accept(at, event->event_id, message.first_position)) {
    case Novelty::first: return {StreamUpdate::Kind::event, at, std::move(event), until};
    case Novelty::republished:
      return {StreamUpdate::Kind::republished, at, std::move(event), until};
    case Novelty::duplicate: break;
  }
  return {StreamUpdate::Kind::empty, at, nullptr, until};
}

// What is not the relay's takes a place in the stream all the same.
StreamUpdate EventFollower::skip(Position at) {
  order_.skip({std::max(at.epoch, order_.position().epoch), at.stream_seq});
  return {StreamUpdate::Kind::empty, order_.position(), nullptr};
}

void EventFollower::announce_head() {
  sink_({{StreamUpdate::Kind::at_head, order_.position(), nullptr}});
}

void EventFollower::announce_if_warmed_up() {
  if (warmed_up_ || !begun_) return;
  if (!caught_up_ && order_.position().stream_seq < end_) return;
  warmed_up_ = true;
  sink_({{StreamUpdate::Kind::warmed_up, order_.position(), nullptr}});
}

}  // namespace fechatter::notify
