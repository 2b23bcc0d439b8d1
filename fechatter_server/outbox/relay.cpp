#include "fechatter_server/outbox/relay.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "fechatter_core/clock.hpp"
#include "fechatter_server/outbox/stored_event.hpp"

namespace fechatter::server {
namespace {

using std::chrono::milliseconds;

// A holder that dies is replaced within its lease and this interval.
constexpr milliseconds lease_interval{250};
constexpr milliseconds renew_interval{500};
// The lease lives 1.5 s, counted by the database from the renewal, never from before the request.
constexpr milliseconds holder_stops_after{1200};
constexpr milliseconds poll_interval{200};
constexpr std::chrono::seconds verify_interval{5};
constexpr std::chrono::minutes partition_interval{60}, partition_retry{1};
constexpr std::uint64_t tail_max = 512;
constexpr std::chrono::hours age_margin{1};  // for the clock of NATS, which may differ

std::runtime_error lease_lost() {
  return std::runtime_error{"lease or marks lost"};
}

}  // namespace

Relay::Relay(RelayRules rules, RelayStore& store, std::string holder)
    : rules_{std::move(rules)},
      store_{store},
      holder_{std::move(holder)},
      batch_{{rules.batch_max, rules.batch_bytes_max}} {}

milliseconds Relay::step(event::EventStream& stream) {
  try {
    return try_step(stream);
  } catch (const event::TookTooLong&) {
    batch_.failed();
    throw;
  }
}

milliseconds Relay::try_step(event::EventStream& stream) {
  if (!holding_) return try_acquire_lease();
  if (!may_publish()) {
    chain_.reset();
    return milliseconds{0};
  }
  maintain_partitions();
  if (!chain_ || Clock::now() - verified_at_ > verify_interval) resume_chain(stream);

  const auto rows = next_rows();
  if (!store_.same_session()) throw std::runtime_error{"the database was restarted"};
  if (rows.empty()) return poll_interval;
  const auto result = chain_->publish(rows, [this] { return may_publish(); });
  counts_.record(rows, result.published, result.unbroken);
  if (!result.published.ids.empty()) mark(result.published);
  if (!result.unbroken) {
    // Perhaps the acknowledgements of so many did not come in time.
    batch_.failed();
    throw std::runtime_error{"the publish chain broke"};
  }
  batch_.succeeded();
  return milliseconds{0};
}

// A read that took too long has changed nothing: the lease is kept, and half of it is read at once.
std::vector<OutboxRow> Relay::next_rows() {
  while (true) {
    try {
      auto rows = rows_to_republish();
      if (rows.empty()) rows = store_.unpublished(batch_.size());
      return rows;
    } catch (const event::TookTooLong& error) {
      if (batch_.size().count == 1 || !may_publish()) throw;
      batch_.failed();
      spdlog::warn("relay: {}; the next batch has {} events at most", error.what(),
                   batch_.size().count);
    }
  }
}

void Relay::verify(event::StreamObservation observation) {
  observation_ = std::move(observation);
  chain_.reset();
}

void Relay::give_up() {
  chain_.reset();
  if (holding_.exchange(false)) store_.release_lease(state_.token);
}

milliseconds Relay::try_acquire_lease() {
  const auto at = Clock::now();
  const auto next = lease_tried_at_ + lease_interval;
  if (lease_tried_at_ != Clock::time_point::min() && at < next) {
    return std::chrono::ceil<milliseconds>(next - at);
  }
  lease_tried_at_ = at;
  auto state = store_.acquire_lease(holder_);
  if (!state) return lease_interval;
  spdlog::info("relay: lease acquired by {}, fencing token {}", holder_, state->token);
  renewed_at_ = at;
  holding_ = true;
  counts_.acquisitions.add();
  adopt(std::move(*state));
  return milliseconds{0};
}

void Relay::adopt(RelayState state) {
  state_ = std::move(state);
  counts_.epoch = state_.epoch.number;
  published_at_ = Clock::now() - state_.last_published_ago;
  chain_.reset();
  known_holes_.clear();
}

// Renews the lease when that is due. The holder stops before the database would give the lease to
// another instance; a process that was stopped for a while notices it here, by the monotonic clock.
bool Relay::may_publish() {
  if (!holding_) return false;
  const auto at = Clock::now();
  if (at - renewed_at_ > holder_stops_after) holding_ = false;
  if (holding_ && at - renewed_at_ > renew_interval) {
    holding_ = store_.renew_lease(state_.token);
    renewed_at_ = at;
  }
  if (!holding_) spdlog::warn("relay: lease lost");
  return holding_;
}

void Relay::maintain_partitions() {
  const auto at = Clock::now();
  if (at < partitions_due_at_) return;
  const bool done = store_.maintain_partitions(rules_.keep_days, rules_.stream_days);
  partitions_due_at_ = at + (done ? partition_interval : partition_retry);
}

// Empty when no backlog of the epoch is left.
std::vector<OutboxRow> Relay::rows_to_republish() {
  if (state_.republish_after >= state_.republish_until) return {};
  auto rows = store_.to_republish(state_, batch_.size());
  if (rows.empty()) state_.republish_after = state_.republish_until;
  return rows;
}

void Relay::mark(const Published& published) {
  if (!store_.mark(state_, published)) throw lease_lost();
  state_.last_event_id = EventId{published.ids.back()};
  state_.last_stream_seq = static_cast<std::uint64_t>(published.stream_seqs.back());
  published_at_ = Clock::now();
  const auto highest = *std::max_element(published.ids.begin(), published.ids.end());
  state_.republish_after = std::max(state_.republish_after, EventId{highest});
}

void Relay::resume_chain(event::EventStream& stream) {
  chain_.reset();
  verified_at_ = Clock::now();
  auto state = stream.find_state();
  auto damage = state ? find_damage(stream, *state) : "there is no stream";
  if (!damage && !mark_stored(stream, state->last_seq)) {
    damage = "the stream holds events that the outbox does not have";
  }
  // A stream that was restored as well fits; but ids of what both have lost are taken for present.
  if (!damage && state_.other_history) damage = "PostgreSQL was restored, or a standby took over";
  if (damage) state = begin_epoch(stream, state, *damage);
  observation_.reset();
  chain_.emplace(stream, state_.epoch, state->last_seq, rules_.tracer);
}

// Sequence numbers are used again after a lost tail, so the last number alone proves nothing.
std::optional<std::string> Relay::find_damage(event::EventStream& stream,
                                              const event::StreamState& state) {
  if (state_.epoch.number == 0) return "the first of this database";
  if (std::to_string(state.created_ns) != state_.stream_created) return "the stream is another one";
  if (state.last_seq < state_.last_stream_seq) {
    return fmt::format("the stream ends at {}, published was {}", state.last_seq,
                       state_.last_stream_seq);
  }
  if (has_lost_message(stream, state)) return "the stream has a hole";
  if (!holds_last_event(stream, state)) {
    return fmt::format("the stream lacks event {} at {}", state_.last_event_id.value,
                       state_.last_stream_seq);
  }
  if (!holds_observation(stream, state)) {
    return fmt::format("the stream lacks the message {} that a consumer observed at {}",
                       observation_->message_id, observation_->stream_seq);
  }
  return std::nullopt;
}

// The records are read after the holes: an erasure is recorded before it is asked for. Those of
// known holes are not read again: a hole stays one.
bool Relay::has_lost_message(event::EventStream& stream, const event::StreamState& state) {
  if (!state.has_hole()) return false;
  auto holes = stream.find_missing();
  std::vector<std::uint64_t> missing;
  std::set_difference(holes.begin(), holes.end(), known_holes_.begin(), known_holes_.end(),
                      std::back_inserter(missing));
  event::KnownErasures erasures{store_};
  const bool lost = std::any_of(missing.begin(), missing.end(), [&](std::uint64_t stream_seq) {
    // Records of the sequences that this epoch uses again, after a loss, say nothing about it.
    const bool is_ours = stream_seq >= state_.epoch.first_seq;
    return !erasures.find(is_ours ? state_.epoch.number : event::any_epoch, stream_seq);
  });
  if (!lost) known_holes_ = std::move(holes);
  return lost;
}

bool Relay::was_erased(std::uint64_t stream_seq, const std::string& message_id) const {
  const auto erasures = store_.erased(event::any_epoch, stream_seq, stream_seq);
  return std::any_of(erasures.begin(), erasures.end(), [&](const event::Erasure& erasure) {
    return message_id == event::message_id_of(erasure.position.epoch, erasure.event);
  });
}

bool Relay::holds_last_event(event::EventStream& stream, const event::StreamState& state) const {
  if (state_.last_event_id.value == 0) return true;
  const auto message_id = event::message_id_of(state_.epoch.number, state_.last_event_id);
  if (const auto last = stream.find_message(state_.last_stream_seq)) {
    return last->message_id == message_id;
  }
  if (was_erased(state_.last_stream_seq, message_id)) return true;
  const bool aged_out =
      state.max_age.count() > 0 && Clock::now() - published_at_ > state.max_age - age_margin;
  return state_.last_stream_seq < state.first_seq && aged_out;
}

// What was stored and never marked has no record by which its text could be erased. A marked end
// that cannot be read is of a damaged store, which would damage what is stored next.
bool Relay::ends_otherwise(event::EventStream& stream, const event::StreamState& state) const {
  if (state.messages == 0 || state.last_seq < state_.last_stream_seq) return false;
  return state.last_seq > state_.last_stream_seq || !holds_last_event(stream, state);
}

// An event can be acknowledged and delivered, and then lost before it was marked: only a consumer
// that received it can report that.
bool Relay::holds_observation(event::EventStream& stream, const event::StreamState& state) const {
  if (!observation_ ||
      event::parse_message_id(observation_->message_id).epoch != state_.epoch.number) {
    return true;
  }
  if (state.last_seq < observation_->stream_seq) return false;
  if (observation_->stream_seq < state.first_seq) return true;
  const auto message = stream.find_message(observation_->stream_seq);
  if (message) return message->message_id == observation_->message_id;
  return was_erased(observation_->stream_seq, observation_->message_id);
}

// Marks the events that were published and not marked: a holder was interrupted between the two.
// False when the stream holds a message that this database's outbox did not publish.
bool Relay::mark_stored(event::EventStream& stream, std::uint64_t last_seq) {
  const auto range = batch_.size().count;
  for (auto first = state_.last_stream_seq + 1; first <= last_seq; first += range) {
    if (!may_publish()) throw lease_lost();
    const auto last = std::min(last_seq, first + range - 1);
    const auto messages = stream.read_range(first, last);
    if (messages.size() != last - first + 1 || !mark_range(messages)) return false;
    spdlog::info("relay: {} published events found in the stream and marked", messages.size());
  }
  return !restored_;
}

// The last messages. The lease outlives a read of one batch, even of a damaged stream.
std::vector<event::StreamMessage> Relay::read_tail(event::EventStream& stream,
                                                   const event::StreamState& state) {
  if (state.messages == 0) return {};
  std::vector<event::StreamMessage> tail;
  const auto before = state.last_seq - std::min(state.last_seq, tail_max);
  const auto range = batch_.size().count;
  for (auto first = std::max(state.first_seq, before + 1); first <= state.last_seq;
       first += range) {
    if (!may_publish()) throw lease_lost();
    auto messages = stream.read_range(first, std::min(state.last_seq, first + range - 1));
    std::move(messages.begin(), messages.end(), std::back_inserter(tail));
  }
  return tail;
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
    // A restored database lacks the event, or has given its id to another one.
    if (read_envelope(messages[i]).occurred_at != to_rfc3339(from_unix_micros(created[i]))) {
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

// The database comes first: after a crash in between the stream is found damaged again.
event::StreamState Relay::begin_epoch(event::EventStream& stream,
                                      std::optional<event::StreamState> state,
                                      const std::string& reason) {
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
      next.republished_through = {};
    }
    // Each epoch publishes its backlog in the order of the ids.
    if (epoch == next.number) next.republished_through = std::max(next.republished_through, event);
    next.highest_in_stream = std::max(next.highest_in_stream, event);
    next.newest_micros = message.stored_at_ns / 1000;
  }
  known_holes_.clear();  // the stream may be another one
  const bool has_lost = has_lost_message(stream, *state);
  const bool has_other_end = state_.epoch.number > 0 && ends_otherwise(stream, *state);
  const bool lost_epochs = next.number > state_.epoch.number;
  if (!lost_epochs) next.republished_through = {};
  next.restored = std::exchange(restored_, false) || lost_epochs || state_.other_history;
  ++next.number;
  if (!may_publish()) throw lease_lost();
  auto raised = store_.raise_epoch(state_.token, next);
  if (!raised) throw lease_lost();
  counts_.epochs_raised.add();
  spdlog::log(next.number == 1 ? spdlog::level::info : spdlog::level::warn,
              "relay: epoch {} raised: {}", next.number, reason);
  adopt(std::move(*raised));
  // Else the hole would raise an epoch at each verification.
  if (has_lost || has_other_end) stream.purge(state->last_seq);
  return *state;
}

}  // namespace fechatter::server
