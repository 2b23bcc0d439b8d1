#include "notify_server/log/event_follower.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

using event::StartAt;
using event::StreamMessage;
using event::StreamState;
using std::chrono::milliseconds;

constexpr std::size_t batch_updates_max = 256;
constexpr milliseconds read_wait{200};     // of a step, for a message
constexpr milliseconds reopen_pause{200};  // while the stream is missing, or does not match
constexpr std::chrono::seconds repair_time{3};

// A head that was erased leaves no message: the newest one is looked for in so many sequences.
constexpr std::uint64_t newest_among = 64;

// The newest message, from which the epoch of the stream is known.
std::optional<StreamMessage> find_newest(event::EventStream& stream, const StreamState& state) {
  const auto oldest =
      std::max(state.first_seq, state.last_seq - std::min(state.last_seq, newest_among));
  for (auto stream_seq = state.last_seq; state.messages > 0 && stream_seq >= oldest; --stream_seq) {
    if (auto message = stream.find_message(stream_seq)) return message;
  }
  return std::nullopt;
}

// What the message's epoch has yet to republish after it; 0: nothing.
EventId still_to_republish(const StreamMessage& message) {
  const auto through = message.epoch.republish_through;
  return event::parse_message_id(message.message_id).event < through ? through : EventId{};
}

StreamUpdate::Kind kind_of(Novelty novelty) {
  switch (novelty) {
    case Novelty::first: return StreamUpdate::Kind::event;
    case Novelty::republished: return StreamUpdate::Kind::republished;
    case Novelty::duplicate: break;
  }
  return StreamUpdate::Kind::empty;
}

}  // namespace

EventFollower::EventFollower(FollowRules rules, event::ErasureSource& erasures)
    : rules_{std::move(rules)}, erasures_{erasures}, order_{rules_.dedup_window} {}

// A gap that cannot be judged is read again: it counts neither as a mismatch nor as an erasure.
milliseconds EventFollower::step(event::EventStream& stream) {
  try {
    return try_step(stream);
  } catch (const event::ErasuresUnknown& unknown) {
    spdlog::warn("consumer waits at {}: {}", to_string(order_.position()), unknown.what());
    reader_.reset();
    return reopen_pause;
  }
}

milliseconds EventFollower::try_step(event::EventStream& stream) {
  if (!reader_) return open(stream) ? milliseconds{0} : reopen_pause;
  if (auto message = reader_->next(read_wait)) {
    if (!read_batch(stream, std::move(*message))) reader_.reset();
  } else {
    check_for_stall(stream);
  }
  return reader_ ? milliseconds{0} : reopen_pause;
}

void EventFollower::give_up() {
  reader_.reset();
  mismatch_since_.reset();
  lagging_ = false;
}

// False: there is nothing to read yet. The relay creates the stream with the first event.
bool EventFollower::open(event::EventStream& stream) {
  const auto state = stream.find_state();
  if (!state) {
    positioned_ = none_pending_ = true;
    append_if_warmed_up();
    // With a position, the stream existed and is lost: its head is unknown.
    if (order_.position() == Position{}) append_at_head();
    return false;
  }
  head_at_open_ = state->last_seq;
  const auto start = positioned_ ? find_start(stream, *state) : find_first_start(stream, *state);
  if (!start) return false;
  read_through_ = start->stream_seq.value_or(1) - 1;
  reader_ = stream.follow(*start);
  spdlog::info("consumer started after {}", to_string(order_.position()));
  append_if_warmed_up();
  return true;
}

StartAt EventFollower::find_first_start(event::EventStream& stream, const StreamState& state) {
  positioned_ = none_pending_ = state.messages == 0;
  if (positioned_) return {state.last_seq + 1, {}};
  const auto earliest = state.last_seq - state.first_seq < rules_.ring_events
                            ? state.first_seq
                            : state.last_seq - rules_.ring_events + 1;
  const auto head = stream.find_message(state.last_seq);
  const auto first = stream.find_message(earliest);
  if (!head || !first) return {earliest, {}};
  const auto oldest = head->stored_at_ns - std::chrono::nanoseconds{rules_.ring}.count();
  if (first->stored_at_ns >= oldest) return {earliest, {}};
  return {{}, oldest};
}

// Nothing while it is undecided where the events continue.
std::optional<StartAt> EventFollower::find_start(event::EventStream& stream,
                                                 const StreamState& state) {
  const auto position = order_.position();
  if (position.stream_seq == 0) return StartAt{};
  const bool holds = still_holds_last_read(stream, state);
  if (holds && !mismatch_since_) return StartAt{position.stream_seq + 1, {}};
  if (const auto start = find_next_epoch(stream, state)) return start;
  // A gap is read again: the connection may have caused it.
  if (holds) return StartAt{position.stream_seq + 1, {}};
  if (await_repair(stream)) return std::nullopt;
  if (const auto head = find_newest(stream, state)) {
    lose({head->epoch.number, state.last_seq}, still_to_republish(*head));
  } else {
    lose({position.epoch, state.last_seq}, {});
  }
  return StartAt{state.last_seq + 1, {}};
}

// After a lost tail the stream reuses sequences, so the number alone proves nothing.
bool EventFollower::still_holds_last_read(event::EventStream& stream, const StreamState& state) {
  const auto [epoch, last] = order_.position();
  if (state.last_seq < last) return false;
  if (const auto message = stream.find_message(last)) {
    return message->message_id == last_read_.message_id;
  }
  return state.first_seq > last || erasures_.find(epoch, last);
}

std::optional<StartAt> EventFollower::find_next_epoch(event::EventStream& stream,
                                                      const StreamState& state) {
  if (state.messages == 0) return StartAt{state.last_seq + 1, {}};
  const auto head = find_newest(stream, state);
  if (!head || head->epoch.number <= order_.position().epoch) return std::nullopt;
  return StartAt{head->epoch.first_seq, {}};
}

// False: a message does not continue what was read before it.
bool EventFollower::read_batch(event::EventStream& stream, StreamMessage first) {
  lagging_ = false;
  const auto batch_end = updates_.size() + batch_updates_max;
  bool in_order = true;
  for (std::optional message{std::move(first)}; message; message = reader_->next(milliseconds{0})) {
    in_order = append_update(stream, *message);
    if (!in_order || updates_.size() >= batch_end) break;
  }
  // nats-server 2.9 was seen to report that nothing is pending inside a damaged stream.
  const bool at_head = none_pending_ && read_through_ >= head_at_open_;
  if (in_order && at_head) append_at_head();
  append_if_warmed_up();
  return in_order;
}

// False: sequences are missing before the message, and the relay has time to repair the stream.
bool EventFollower::append_update(event::EventStream& stream, const StreamMessage& message) {
  const Position at{message.epoch.number, message.stream_seq};
  const auto before = order_.position();
  positioned_ = true;
  none_pending_ = message.pending == 0;
  pending_ = message.pending;
  read_through_ = message.stream_seq;
  if (at.epoch == 0 && before.epoch == 0) return true;
  const auto check = check_order(message);
  if (check == SequenceCheck::stale) return true;
  const bool gap = check == SequenceCheck::gap;
  if (gap && await_repair(stream)) return false;
  // A new epoch republishes what was published since then; older events are lost with the old one.
  const bool covered = before.epoch == 0 || at.epoch <= before.epoch ||
                       high_water_ns_ / 1'000'000'000 >= message.epoch.covers_seconds;
  if (gap || !covered) lose({at.epoch, at.stream_seq - 1}, still_to_republish(message));
  const bool foreign = check == SequenceCheck::foreign;
  if (auto event = foreign ? nullptr : read_event(message.data, at, message.first_position)) {
    auto kind = kind_of(order_.accept(at, event->event_id, message.first_position));
    const auto erased = event->erased ? event->event_id : EventId{};
    if (event->erased) kind = StreamUpdate::Kind::empty;
    if (kind == StreamUpdate::Kind::empty) event = nullptr;
    updates_.push_back({kind, at, std::move(event), message.epoch.republish_through, erased,
                        EventTrace::begin(rules_.tracer, message.trace)});
  } else {
    skip(at);
  }
  last_read_ = {message.stream_seq, message.message_id};
  // Republished events must not advance the mark: events first published since follow them.
  if (!foreign && still_to_republish(message).value == 0) high_water_ns_ = message.stored_at_ns;
  mismatch_since_.reset();
  return true;
}

// The message's place, after the erased sequences before it.
SequenceCheck EventFollower::check_order(const StreamMessage& message) {
  const Position at{message.epoch.number, message.stream_seq};
  const auto check = order_.check(at, message.epoch.first_seq);
  const auto before = order_.position();
  const bool same_epoch = at.epoch == before.epoch;
  const auto first = same_epoch ? before.stream_seq + 1 : message.epoch.first_seq;
  if (check != SequenceCheck::gap || first == 0 || first >= at.stream_seq) return check;
  if (!pass_erased(at.epoch, first, at.stream_seq - 1, message.epoch.republish_through)) {
    return check;
  }
  return order_.check(at, message.epoch.first_seq);
}

// Reads the sequences as empty when all of them were erased.
bool EventFollower::pass_erased(std::int64_t epoch, std::uint64_t first, std::uint64_t last,
                                EventId republish_through) {
  if (!erasures_.cover(epoch, first, last)) return false;
  for (auto stream_seq = first; stream_seq <= last; ++stream_seq) {
    const auto* erasure = erasures_.find(epoch, stream_seq);
    if (!erasure) return false;  // forgotten since, as the stream keeps no such old message
    const auto event = erasure->event;
    // Counts as delivered: a database that is restored from a backup may publish it again.
    order_.accept({epoch, stream_seq}, event);
    last_read_ = {stream_seq, event::message_id_of(epoch, event)};
    updates_.push_back(
        {StreamUpdate::Kind::empty, order_.position(), nullptr, republish_through, event});
  }
  return true;
}

// A consumer may stall: once, with nats-server 2.9, an event came only after the next connection.
void EventFollower::check_for_stall(event::EventStream& stream) {
  const auto state = stream.find_state();
  // A smaller head is that of another stream, or of one that has lost its tail.
  const bool was_lagging =
      std::exchange(lagging_, state && state->messages > 0 && state->last_seq != read_through_);
  // A stream that is missing, or has lost its tail, does not show the head.
  if (state && state->last_seq == read_through_) append_at_head();
  if (state && state->messages == 0 && state->last_seq >= read_through_) {
    // What was there to read has been purged.
    none_pending_ = positioned_ = true;
    read_through_ = state->last_seq;
    return append_if_warmed_up();
  }
  if (!lagging_ || !was_lagging) return;
  // What was erased at the head is never delivered.
  const auto [epoch, last] = order_.position();
  const bool at_position = last == read_through_ && state->last_seq > last;
  if (at_position && pass_erased(epoch, last + 1, state->last_seq, {})) {
    read_through_ = state->last_seq;
    lagging_ = false;
    append_at_head();
    return append_if_warmed_up();
  }
  spdlog::warn("consumer stalled at {}; recreating it; stream head {}",
               to_string(order_.position()), state->last_seq);
  reader_.reset();
}

// Reports the last message read to the relay. True while the relay has time to repair the stream.
bool EventFollower::await_repair(event::EventStream& stream) {
  const auto now = Clock::now();
  if (!mismatch_since_) {
    spdlog::warn("stream mismatch after {}; asking the relay to verify it",
                 to_string(order_.position()));
    mismatch_since_ = now;
  }
  if (now - *mismatch_since_ >= repair_time) return false;
  stream.request_verification(last_read_);
  return true;
}

void EventFollower::lose(Position up_to, EventId republish_through) {
  spdlog::error("events after {} are lost; resuming after {}", to_string(order_.position()),
                to_string(up_to));
  order_.lose(up_to);
  mismatch_since_.reset();
  updates_.push_back({StreamUpdate::Kind::lost, up_to, nullptr, republish_through});
}

// A message that is not an event of the relay has a sequence of the stream all the same.
void EventFollower::skip(Position at) {
  order_.skip({std::max(at.epoch, order_.position().epoch), at.stream_seq});
  updates_.push_back({StreamUpdate::Kind::empty, order_.position(), nullptr});
}

void EventFollower::append_at_head() {
  updates_.push_back({StreamUpdate::Kind::at_head, order_.position(), nullptr});
}

void EventFollower::append_if_warmed_up() {
  if (warmed_up_ || !positioned_) return;
  if (!none_pending_ && read_through_ < head_at_open_) return;
  warmed_up_ = true;
  updates_.push_back({StreamUpdate::Kind::warmed_up, order_.position(), nullptr});
}

}  // namespace fechatter::notify
