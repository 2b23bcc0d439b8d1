#include "fechatter_server/outbox/outbox_relay.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "fechatter_core/error.hpp"
#include "fechatter_core/event/envelope.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::milliseconds renew_interval{500};
// The lease lives 1.5 s from the database's view of the renewal, which is never earlier than its
// start.
constexpr std::chrono::milliseconds holder_stops_after{1200};
constexpr std::chrono::milliseconds poll_interval{200};
constexpr std::chrono::milliseconds retry_interval{200};
constexpr std::chrono::seconds idle_check_interval{5};
constexpr std::chrono::hours tend_interval{1};
constexpr const char* message_id_header = "Nats-Msg-Id";

// "<epoch>-<event_id>" of a stored message.
std::pair<std::int64_t, std::int64_t> parse_message_id(std::string_view text) {
  std::int64_t epoch = 0;
  std::int64_t event = 0;
  const auto* end = text.data() + text.size();
  const auto dash = std::from_chars(text.data(), end, epoch);
  if (dash.ptr != end && *dash.ptr == '-') std::from_chars(dash.ptr + 1, end, event);
  return {epoch, event};
}

bool has_hole(const nats::StreamState& state) {
  return state.messages > 0 && state.messages != state.last_seq - state.first_seq + 1;
}

std::runtime_error lease_lost() {
  return std::runtime_error{"the lease was lost"};
}

std::string holder_name() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return fmt::format("{}:{}", host, getpid());
}

}  // namespace

// Shared with the callback of nats.c, which may outlive the relay for a moment.
struct OutboxRelay::Signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool grown = false;
  bool stopping = false;

  void set(bool Signal::*flag) {
    {
      const std::lock_guard lock{mutex};
      this->*flag = true;
    }
    changed.notify_all();
  }

  // True when the outbox has grown since the last call.
  bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, timeout, [this] { return grown || stopping; });
    return std::exchange(grown, false);
  }

  // Ends early only when the relay stops.
  void pause(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, time, [this] { return stopping; });
  }
};

// The wake-ups of the other instances, for as long as this object lives.
struct OutboxRelay::Wakes {
  Wakes(nats::Connection& connection, std::shared_ptr<Signal> signal) {
    auto closure = std::make_unique<std::shared_ptr<Signal>>(std::move(signal));
    natsSubscription* raw = nullptr;
    nats::check(natsConnection_Subscribe(&raw, connection.raw(), event::outbox_wake_subject,
                                         on_message, closure.get()),
                "subscribe");
    subscription = std::make_unique<nats::Subscription>(raw);
    // Frees the closure when no callback can come any more.
    nats::check(natsSubscription_SetOnCompleteCB(raw, on_complete, closure.get()), "complete");
    closure.release();
  }

  static void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
    natsMsg_Destroy(message);
    (*static_cast<std::shared_ptr<Signal>*>(closure))->set(&Signal::grown);
  }
  static void on_complete(void* closure) { delete static_cast<std::shared_ptr<Signal>*>(closure); }

  std::unique_ptr<nats::Subscription> subscription;
};

OutboxRelay::OutboxRelay(RelaySettings settings)
    : settings_{std::move(settings)},
      holder_{holder_name()},
      signal_{std::make_shared<Signal>()},
      store_{settings_.database_url} {
  thread_ = std::thread{[this] { run(); }};
}

OutboxRelay::~OutboxRelay() {
  signal_->set(&Signal::stopping);
  thread_.join();
}

void OutboxRelay::wake() {
  signal_->set(&Signal::grown);
}

bool OutboxRelay::stopping() const {
  const std::lock_guard lock{signal_->mutex};
  return signal_->stopping;
}

void OutboxRelay::run() {
  std::string last_trouble;
  while (!stopping()) {
    try {
      nats::Connection connection{settings_.nats};
      if (!last_trouble.empty()) spdlog::info("relay: working again");
      last_trouble.clear();
      serve(connection);
    } catch (const std::exception& error) {
      if (last_trouble != error.what()) spdlog::warn("relay: {}", error.what());
      last_trouble = error.what();
    }
    try {
      // Another instance may still reach what this one has lost.
      if (std::exchange(holding_, false)) store_.release_lease(state_.token);
    } catch (const std::exception& error) {
      spdlog::warn("relay: the lease ends by itself: {}", error.what());
    }
    signal_->pause(retry_interval);
  }
}

void OutboxRelay::serve(nats::Connection& connection) {
  while (!stopping()) {
    renewed_at_ = Clock::now();
    if (const auto state = store_.acquire_lease(holder_)) {
      state_ = *state;
      holding_ = true;
      work(connection);
    } else {
      stand_by(connection);
    }
  }
}

// Somebody else holds the lease: it is told of our messages.
void OutboxRelay::stand_by(nats::Connection& connection) {
  const auto until = Clock::now() + renew_interval;
  while (!stopping() && Clock::now() < until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (signal_->wait(left)) connection.publish(event::outbox_wake_subject, "");
  }
  if (!connection.alive()) throw nats::Failure{"stand by", NATS_CONNECTION_CLOSED};
}

// Until the lease is lost or the relay stops.
void OutboxRelay::work(nats::Connection& connection) {
  spdlog::info("relay: {} holds the lease", holder_);
  const Wakes wakes{connection, signal_};
  auto checked_at = Clock::now();
  std::optional<EventChain> chain;
  while (!stopping() && may_publish()) {
    tend_partitions();
    if (!chain) {
      chain.emplace(take_up_chain(connection));
      checked_at = Clock::now();
    }
    if (relay_batch(*chain)) {
      checked_at = Clock::now();
    } else {
      signal_->wait(poll_interval);
      if (Clock::now() - checked_at > idle_check_interval) chain.reset();
    }
  }
}

// False when there was nothing to do. Any trouble is an exception, and the cure is always the same:
// give the lease back and begin anew from what the database and the stream say.
bool OutboxRelay::relay_batch(EventChain& chain) {
  const auto rows = store_.unpublished(settings_.batch_max);
  if (!store_.same_session()) throw std::runtime_error{"the database was restarted"};
  if (rows.empty()) return false;
  const auto result = chain.publish(rows, [this] { return may_publish(); });
  if (!result.published.ids.empty()) {
    if (!store_.mark(state_.token, state_.epoch, result.published)) throw lease_lost();
    state_.last_event_id = EventId{result.published.ids.back()};
    state_.last_stream_seq = static_cast<std::uint64_t>(result.published.stream_seqs.back());
  }
  if (!result.unbroken) throw std::runtime_error{"the chain of events broke"};
  return true;
}

EventChain OutboxRelay::take_up_chain(nats::Connection& connection) {
  nats::JetStream stream{connection};
  auto state = stream.find_stream(event::stream_name);
  if (!state || !is_sound(stream, *state) || !mark_what_is_there(stream, *state)) {
    state = begin_epoch(stream, state);
  }
  return EventChain{connection, state_.epoch, state->last_seq};
}

// Sequence numbers are used again after a lost tail, so the last number alone proves nothing.
bool OutboxRelay::is_sound(nats::JetStream& stream, const nats::StreamState& state) const {
  if (state_.epoch == 0 || std::to_string(state.created_ns) != state_.stream_created) return false;
  if (state.last_seq < state_.last_stream_seq || has_hole(state)) return false;
  if (state_.last_event_id.value == 0 || state_.last_stream_seq < state.first_seq) return true;
  const auto last = stream.find_message(event::stream_name, state_.last_stream_seq);
  return last &&
         last->header(message_id_header) == message_id_of(state_.epoch, state_.last_event_id);
}

// What was published and not marked: the previous holder, or this one, was interrupted between the
// two.
bool OutboxRelay::mark_what_is_there(nats::JetStream& stream, const nats::StreamState& state) {
  Published found;
  for (auto seq = state_.last_stream_seq + 1; seq <= state.last_seq; ++seq) {
    if (!may_publish()) throw lease_lost();
    const auto message = stream.find_message(event::stream_name, seq);
    if (!message) return false;
    const auto [epoch, event] = parse_message_id(message->header(message_id_header));
    if (epoch != state_.epoch) return false;
    found.ids.push_back(event);
    found.stream_seqs.push_back(static_cast<std::int64_t>(seq));
  }
  if (found.ids.empty()) return true;
  found.created_micros = store_.created_of(found.ids);
  if (!store_.mark(state_.token, state_.epoch, found)) {
    throw lease_lost();
  }
  state_.last_event_id = EventId{found.ids.back()};
  state_.last_stream_seq = state.last_seq;
  spdlog::info("relay: found {} published events that were not marked", found.ids.size());
  return true;
}

nats::StreamState OutboxRelay::begin_epoch(nats::JetStream& stream,
                                           std::optional<nats::StreamState> state) {
  std::int64_t stream_epoch = 0;
  if (!state) {
    state = stream.create_stream({event::stream_name, event::stream_subjects,
                                  settings_.stream_max_age, settings_.stream_replicas});
  } else if (const auto last = stream.find_message(event::stream_name, state->last_seq)) {
    stream_epoch = parse_message_id(last->header(message_id_header)).first;
  }
  // A stream with a hole would be found damaged for ever.
  if (has_hole(*state)) stream.purge(event::stream_name);
  const auto epoch = std::max(state_.epoch, stream_epoch) + 1;
  const auto created = std::to_string(state->created_ns);
  if (!store_.raise_epoch(state_.token, epoch, state->last_seq + 1, created, settings_.republish)) {
    throw lease_lost();
  }
  if (state_.epoch > 0) spdlog::warn("relay: the stream was lost; epoch {} begins", epoch);
  state_ = {state_.token, epoch, state->last_seq, EventId{}, created};
  return *state;
}

// Renews the lease when that is due. The holder stops itself before the database would let another
// in; a process that was stopped for a while notices it here, by the monotonic clock.
bool OutboxRelay::may_publish() {
  const auto at = Clock::now();
  if (at - renewed_at_ > holder_stops_after) holding_ = false;
  if (holding_ && at - renewed_at_ > renew_interval) {
    holding_ = store_.renew_lease(state_.token);
    renewed_at_ = at;
  }
  return holding_;
}

void OutboxRelay::tend_partitions() {
  const auto at = Clock::now();
  if (tended_at_ != Clock::time_point{} && at - tended_at_ < tend_interval) return;
  store_.tend_partitions(settings_.keep_days);
  tended_at_ = at;
}

}  // namespace fechatter::server
