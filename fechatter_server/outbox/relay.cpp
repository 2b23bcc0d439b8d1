#include "fechatter_server/outbox/relay.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

using std::chrono::milliseconds;

// A holder that dies is replaced within its lease and this.
constexpr milliseconds ask_interval{250};
constexpr milliseconds renew_interval{500};
// The lease lives 1.5 s from the database's view of the renewal, which is never earlier than its
// start.
constexpr milliseconds holder_stops_after{1200};
constexpr milliseconds poll_interval{200};
constexpr std::chrono::seconds check_interval{5};
constexpr std::chrono::hours tend_interval{1};
constexpr std::uint64_t range_max = 512;
// What ages out of the stream does so by the clock of NATS.
constexpr std::chrono::hours age_margin{1};

std::runtime_error lease_lost() {
  return std::runtime_error{"the lease was lost, or markings were"};
}

// Empty when it is none: then it is nobody's event.
std::string occurred_at(const event::StreamMessage& message) {
  try {
    return event::parse_envelope(message.data).occurred_at;
  } catch (const std::invalid_argument&) {
    return {};
  }
}

std::vector<event::StreamMessage> read_tail(event::EventStream& stream,
                                            const event::StreamState& state) {
  if (state.messages == 0) return {};
  const auto before = state.last_seq - std::min(state.last_seq, range_max);
  return stream.read_range(std::max(state.first_seq, before + 1), state.last_seq);
}

}  // namespace

Relay::Relay(RelayRules rules, RelayStore& store, std::string holder)
    : rules_{rules}, store_{store}, holder_{std::move(holder)} {}

milliseconds Relay::step(event::EventStream& stream) {
  if (!holding_) return seek_lease();
  if (!may_publish()) {
    chain_.reset();
    return milliseconds{0};
  }
  tend_partitions();
  if (!chain_ || Clock::now() - checked_at_ > check_interval) take_up_chain(stream);
  return relay_batch() ? milliseconds{0} : poll_interval;
}

void Relay::verify(event::StreamObservation seen) {
  seen_ = std::move(seen);
  chain_.reset();
}

void Relay::give_up() {
  chain_.reset();
  if (std::exchange(holding_, false)) store_.release_lease(state_.token);
}

milliseconds Relay::seek_lease() {
  const auto at = Clock::now();
  const auto next = asked_at_ + ask_interval;
  if (asked_at_ != Clock::time_point::min() && at < next) {
    return std::chrono::ceil<milliseconds>(next - at);
  }
  asked_at_ = at;
  auto state = store_.acquire_lease(holder_);
  if (!state) return ask_interval;
  spdlog::info("relay: {} holds the lease", holder_);
  renewed_at_ = at;
  holding_ = true;
  adopt(std::move(*state));
  return milliseconds{0};
}

void Relay::adopt(RelayState state) {
  state_ = std::move(state);
  published_at_ = Clock::now() - state_.last_published_ago;
  chain_.reset();
}

// Renews the lease when that is due. The holder stops itself before the database would let another
// in; a process that was stopped for a while notices it here, by the monotonic clock.
bool Relay::may_publish() {
  const auto at = Clock::now();
  if (at - renewed_at_ > holder_stops_after) holding_ = false;
  if (holding_ && at - renewed_at_ > renew_interval) {
    holding_ = store_.renew_lease(state_.token);
    renewed_at_ = at;
  }
  return holding_;
}

void Relay::tend_partitions() {
  const auto at = Clock::now();
  if (tended_at_ && at - *tended_at_ < tend_interval) return;
  store_.tend_partitions(rules_.keep_days);
  tended_at_ = at;
}

void Relay::take_up_chain(event::EventStream& stream) {
  chain_.reset();
  checked_at_ = Clock::now();
  auto state = stream.find_state();
  if (!state || !is_sound(stream, *state) || !mark_what_is_there(stream, state->last_seq)) {
    state = begin_epoch(stream, state);
  }
  seen_.reset();
  chain_.emplace(stream, state_.epoch, state->last_seq);
}

// Sequence numbers are used again after a lost tail, so the last number alone proves nothing.
bool Relay::is_sound(event::EventStream& stream, const event::StreamState& state) const {
  if (state_.epoch.number == 0) return false;
  if (std::to_string(state.created_ns) != state_.stream_created) return false;
  if (state.last_seq < state_.last_stream_seq || state.has_hole()) return false;
  return holds_last_event(stream, state) && holds_what_was_seen(stream, state);
}

bool Relay::holds_last_event(event::EventStream& stream, const event::StreamState& state) const {
  if (state_.last_event_id.value == 0) return true;
  if (state_.last_stream_seq < state.first_seq) {
    return state.max_age.count() > 0 && Clock::now() - published_at_ > state.max_age - age_margin;
  }
  const auto last = stream.find_message(state_.last_stream_seq);
  return last &&
         last->message_id == event::message_id_of(state_.epoch.number, state_.last_event_id);
}

// Acknowledged, delivered, and then lost before it was marked: only who got it can tell.
bool Relay::holds_what_was_seen(event::EventStream& stream, const event::StreamState& state) const {
  if (!seen_ || event::parse_message_id(seen_->message_id).epoch != state_.epoch.number) {
    return true;
  }
  if (state.last_seq < seen_->stream_seq) return false;
  if (seen_->stream_seq < state.first_seq) return true;
  const auto message = stream.find_message(seen_->stream_seq);
  return message && message->message_id == seen_->message_id;
}

// What was published and not marked: the previous holder, or this one, was interrupted between the
// two. False when there is something that this database's outbox did not publish.
bool Relay::mark_what_is_there(event::EventStream& stream, std::uint64_t last_seq) {
  for (auto first = state_.last_stream_seq + 1; first <= last_seq; first += range_max) {
    if (!may_publish()) throw lease_lost();
    const auto last = std::min(last_seq, first + range_max - 1);
    const auto messages = stream.read_range(first, last);
    if (messages.size() != last - first + 1 || !mark_range(messages)) return false;
    spdlog::info("relay: found {} published events that were not marked", messages.size());
  }
  return !restored_;
}

bool Relay::mark_range(const std::vector<event::StreamMessage>& messages) {
  std::vector<std::int64_t> ids;
  for (const auto& message : messages) {
    const auto [epoch, event] = event::parse_message_id(message.message_id);
    if (epoch != state_.epoch.number) return false;
    ids.push_back(event.value);
  }
  const auto created = store_.created_of(ids);
  Published found;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    // A database that was restored does not know it, or has given its id to another event.
    if (occurred_at(messages[i]) != to_rfc3339(from_unix_micros(created[i]))) {
      restored_ = true;
      continue;
    }
    found.ids.push_back(ids[i]);
    found.created_micros.push_back(created[i]);
    found.stream_seqs.push_back(static_cast<std::int64_t>(messages[i].stream_seq));
  }
  if (!found.ids.empty()) mark(found);
  return true;
}

// The database first: who reads it after a crash in between finds the stream damaged as before.
event::StreamState Relay::begin_epoch(event::EventStream& stream,
                                      std::optional<event::StreamState> state) {
  if (!state) state = stream.create();
  NewEpoch next;
  next.number = state_.epoch.number;
  next.first_seq = state->last_seq + 1;
  next.stream_created = std::to_string(state->created_ns);
  next.republish = rules_.republish;
  for (const auto& message : read_tail(stream, *state)) {
    const auto [epoch, event] = event::parse_message_id(message.message_id);
    if (epoch > next.number) {
      next.number = epoch;
      next.told_until = {};
    }
    // Each epoch tells what waited when it began, by id.
    if (epoch == next.number) next.told_until = std::max(next.told_until, event);
    next.highest_in_stream = std::max(next.highest_in_stream, event);
    next.newest_micros = message.stored_at_ns / 1000;
  }
  const bool forgotten = next.number > state_.epoch.number;
  if (!forgotten) next.told_until = {};
  next.restored = std::exchange(restored_, false) || forgotten;
  ++next.number;
  if (!may_publish()) throw lease_lost();
  auto raised = store_.raise_epoch(state_.token, next);
  if (!raised) throw lease_lost();
  if (next.number > 1) spdlog::warn("relay: the stream was lost; epoch {} begins", next.number);
  adopt(std::move(*raised));
  // A stream with a hole would be found damaged for ever.
  if (state->has_hole()) stream.purge(state->last_seq);
  return *state;
}

// False when there was nothing to do.
bool Relay::relay_batch() {
  const auto rows = next_rows();
  if (!store_.same_session()) throw std::runtime_error{"the database was restarted"};
  if (rows.empty()) return false;
  const auto result = chain_->publish(rows, [this] { return may_publish(); });
  if (!result.published.ids.empty()) mark(result.published);
  if (!result.unbroken) throw std::runtime_error{"the chain of events broke"};
  return true;
}

std::vector<OutboxRow> Relay::next_rows() {
  if (state_.republish_after < state_.republish_until) {
    auto rows = store_.to_republish(state_, rules_.batch_max);
    if (!rows.empty()) return rows;
    state_.republish_after = state_.republish_until;
  }
  return store_.unpublished(rules_.batch_max);
}

void Relay::mark(const Published& published) {
  if (!store_.mark(state_, published)) throw lease_lost();
  state_.last_event_id = EventId{published.ids.back()};
  state_.last_stream_seq = static_cast<std::uint64_t>(published.stream_seqs.back());
  published_at_ = Clock::now();
  const auto highest = *std::max_element(published.ids.begin(), published.ids.end());
  state_.republish_after = std::max(state_.republish_after, EventId{highest});
}

}  // namespace fechatter::server
