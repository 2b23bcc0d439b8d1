#include "notify_server/event_consumer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "notify_server/sse_frame.hpp"

namespace fechatter::notify {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t batch_max = 256;
constexpr milliseconds shortest_backoff{50};
constexpr milliseconds longest_backoff{1000};
constexpr milliseconds look_around{200};  // how often a quiet consumer asks whether it is to stop
constexpr std::chrono::seconds start_margin{5};

std::int64_t epoch_of(const nats::Message& message) {
  const auto text = message.header(event::epoch_header);
  std::int64_t epoch = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
  const bool good = error == std::errc{} && rest == text.data() + text.size() && epoch > 0;
  return good ? epoch : 0;
}

std::string id_of(const nats::Message& message) {
  return std::string{message.header("Nats-Msg-Id")};
}

std::int64_t stored_at_ns(const nats::Message& message) {
  return natsMsg_GetTime(message.raw());
}

nats::StartAt from_sequence(std::uint64_t stream_seq) {
  return {stream_seq, std::nullopt};
}

EventPtr read_event(const nats::Message& message, Position at) {
  try {
    auto envelope = event::parse_envelope(message.data());
    if (envelope.event_id.value <= 0) throw std::invalid_argument{"event_id is not positive"};
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    const auto& type = envelope.type;
    const bool named = !type.empty() && std::all_of(type.begin(), type.end(), is_letter);
    if (!named) throw std::invalid_argument{"type is no name"};
    return make_event(std::move(envelope), at);
  } catch (const std::exception&) {
    // What is wrong may quote the content, which is nobody's to read.
    spdlog::error("the message at {} of the stream is no event; skipped", to_string(at));
    return nullptr;
  }
}

}  // namespace

EventConsumer::EventConsumer(ConsumerSettings settings, Sink sink)
    : settings_{std::move(settings)}, sink_{std::move(sink)} {}

EventConsumer::~EventConsumer() {
  stop();
}

void EventConsumer::start() {
  thread_ = std::thread{[this] { run(); }};
}

void EventConsumer::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool EventConsumer::wait_until_filled(milliseconds timeout) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, timeout, [this] { return filled_ || stopping_; });
  return filled_;
}

void EventConsumer::run() {
  while (!stopping_) {
    try {
      follow();
    } catch (const nats::Failure& failure) {
      const auto level = backoff_.count() == 0 ? spdlog::level::warn : spdlog::level::debug;
      spdlog::log(level, "events: {}", failure.what());
    }
    backoff_ = std::clamp(backoff_ * 2, shortest_backoff, longest_backoff);
    pause(backoff_);
  }
}

// One connection, from its first look at the stream to its loss.
void EventConsumer::follow() {
  nats::Connection connection{settings_.nats};
  nats::JetStream stream{connection};
  const auto state = wait_for_stream(stream);
  if (!state) return;
  auto start = find_start(stream, *state);
  bool in_order = false;
  while (!in_order && !stopping_) {
    auto subscription = stream.consume(event::stream_name, event::stream_subjects, start);
    spdlog::info("events: following the stream after {}", to_string(order_.position()));
    announce_if_filled();
    backoff_ = milliseconds{0};
    in_order = read_in_order(subscription, stream);
    start = from_sequence(order_.position().stream_seq + 1);
  }
}

// The relay makes the stream, with the first event there ever is.
std::optional<nats::StreamState> EventConsumer::wait_for_stream(nats::JetStream& stream) {
  while (!stopping_) {
    if (auto state = stream.find_stream(event::stream_name)) return state;
    begun_ = true;
    caught_up_ = true;
    announce_if_filled();
    pause(shortest_backoff);
  }
  return std::nullopt;
}

nats::StartAt EventConsumer::find_start(nats::JetStream& stream, const nats::StreamState& state) {
  const bool same = state.created_ns == stream_created_ns_;
  stream_created_ns_ = state.created_ns;
  if (!begun_) return find_first_start(stream, state);
  if (same && holds_what_was_seen(stream, state)) {
    return from_sequence(order_.position().stream_seq + 1);
  }
  if (order_.position().stream_seq != 0) {
    spdlog::warn("events: the stream does not hold {} as it was seen; reading it from its first",
                 to_string(order_.position()));
  }
  return {};
}

nats::StartAt EventConsumer::find_first_start(nats::JetStream& stream,
                                              const nats::StreamState& state) {
  fill_target_ = state.last_seq;
  if (state.messages == 0) {
    begun_ = caught_up_ = true;
    return from_sequence(state.last_seq + 1);
  }
  const auto tail = stream.find_message(event::stream_name, state.last_seq);
  const auto oldest = std::chrono::system_clock::now() - settings_.ring + start_margin;
  const auto oldest_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(oldest.time_since_epoch()).count();
  // A consumer that begins by time and finds nothing would not say so.
  if (tail && stored_at_ns(*tail) < oldest_ns) {
    begun_ = caught_up_ = true;
    order_.begin_after({epoch_of(*tail), state.last_seq});
    last_message_id_ = id_of(*tail);
    sink_({{Arrival::Kind::skip, order_.position(), nullptr}});
    return from_sequence(state.last_seq + 1);
  }
  if (state.last_seq - state.first_seq >= settings_.ring_events) {
    const auto stream_seq = state.last_seq - settings_.ring_events + 1;
    const auto first = stream.find_message(event::stream_name, stream_seq);
    if (first && stored_at_ns(*first) >= oldest_ns) return from_sequence(stream_seq);
  }
  return {std::nullopt, settings_.ring};
}

// Sequences are used again after a lost tail, so the number alone proves nothing.
bool EventConsumer::holds_what_was_seen(nats::JetStream& stream,
                                        const nats::StreamState& state) const {
  const auto seen = order_.position().stream_seq;
  if (seen == 0) return true;
  if (state.last_seq < seen) return false;
  const auto message = stream.find_message(event::stream_name, seen);
  return message ? id_of(*message) == last_message_id_ : state.first_seq > seen;
}

// Until the consumer is to stop (true), or messages are missing (false).
bool EventConsumer::read_in_order(nats::Subscription& subscription, nats::JetStream& stream) {
  bool behind = false;
  while (!stopping_) {
    auto message = subscription.next(look_around);
    if (message) {
      if (!take_ready(subscription, std::move(*message))) return false;
      behind = false;
      continue;
    }
    // A consumer may stall: once, with nats-server 2.9, an event came only after the next
    // connection.
    const bool was_behind = std::exchange(behind, is_behind(stream));
    if (behind && was_behind) {
      spdlog::warn("events: nothing comes after {}; asking anew", to_string(order_.position()));
      return false;
    }
  }
  return true;
}

bool EventConsumer::is_behind(nats::JetStream& stream) const {
  const auto state = stream.find_stream(event::stream_name);
  return state && state->messages > 0 && state->last_seq > order_.position().stream_seq;
}

bool EventConsumer::take_ready(nats::Subscription& subscription, nats::Message first) {
  std::vector<Arrival> batch;
  std::optional<nats::Message> message{std::move(first)};
  bool in_order = true;
  try {
    while (message) {
      in_order = take(std::move(*message), batch);
      if (!in_order || batch.size() >= batch_max) break;
      message = subscription.next(milliseconds{0});
    }
  } catch (const nats::Failure&) {
    sink_(batch);
    throw;
  }
  if (!batch.empty()) sink_(batch);
  announce_if_filled();
  return in_order;
}

// False: messages are missing before this one.
bool EventConsumer::take(nats::Message message, std::vector<Arrival>& batch) {
  const auto stored = nats::with_position(std::move(message));
  const Position at{epoch_of(stored.message), stored.stream_seq};
  begun_ = true;
  caught_up_ = stored.pending == 0;
  if (at.epoch == 0 && order_.position().epoch == 0) return true;
  const auto place = order_.place_of(at);
  if (place == EventOrder::Place::stale) return true;
  if (place == EventOrder::Place::jump && !give_up_gap(at, batch)) return false;
  batch.push_back(place == EventOrder::Place::blank ? skip(at) : arrival_of(stored.message, at));
  last_message_id_ = id_of(stored.message);
  return true;
}

// A jump may be the connection's doing, so the stream is asked once more before it is a loss.
bool EventConsumer::give_up_gap(Position at, std::vector<Arrival>& batch) {
  const auto position = order_.position();
  if (gap_after_ != position) {
    gap_after_ = position;
    return false;
  }
  spdlog::error("events: nothing is stored between {} and {}", to_string(position), to_string(at));
  order_.begin_after({at.epoch, at.stream_seq - 1});
  batch.push_back({Arrival::Kind::loss, order_.position(), nullptr});
  return true;
}

Arrival EventConsumer::arrival_of(const nats::Message& message, Position at) {
  auto event = read_event(message, at);
  if (!event) return skip(at);
  switch (order_.take(at, event->event_id)) {
    case EventOrder::News::fresh: return {Arrival::Kind::event, at, std::move(event)};
    case EventOrder::News::retold: return {Arrival::Kind::repeat, at, std::move(event)};
    case EventOrder::News::repeated: break;
  }
  return {Arrival::Kind::skip, at, nullptr};
}

// What is not the relay's takes a place in the stream all the same.
Arrival EventConsumer::skip(Position at) {
  order_.skip({std::max(at.epoch, order_.position().epoch), at.stream_seq});
  return {Arrival::Kind::skip, order_.position(), nullptr};
}

void EventConsumer::announce_if_filled() {
  if (filled_ || !begun_) return;
  if (!caught_up_ && order_.position().stream_seq < fill_target_) return;
  sink_({{Arrival::Kind::filled, order_.position(), nullptr}});
  {
    const std::lock_guard lock{mutex_};
    filled_ = true;
  }
  changed_.notify_all();
}

void EventConsumer::pause(milliseconds time) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, time, [this] { return stopping_.load(); });
}

}  // namespace fechatter::notify
