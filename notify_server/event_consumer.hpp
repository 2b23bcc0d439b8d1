#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "notify_server/event.hpp"
#include "notify_server/event_order.hpp"

namespace fechatter::notify {

struct ConsumerSettings {
  nats::Settings nats;
  std::chrono::minutes ring{10};     // how far back the log is filled at the start …
  std::size_t ring_events = 50'000;  // … and how many events of that at most
};

// Follows the stream of events and hands what it says to the sink, in the order of the log. A
// thread of its own, which reconnects for ever, parses each event once, and takes all messages that
// are ready before it calls the sink. A message that is no event is logged and skipped.
class EventConsumer {
 public:
  // Called on the consumer's thread; may block.
  using Sink = std::function<void(const std::vector<Arrival>&)>;

  EventConsumer(ConsumerSettings settings, Sink sink);
  ~EventConsumer();
  EventConsumer(const EventConsumer&) = delete;
  EventConsumer& operator=(const EventConsumer&) = delete;

  void start();
  void stop();

  // Whether the log reached the stream's head (or there is no stream yet), within the time-out.
  bool wait_until_filled(std::chrono::milliseconds timeout);

 private:
  void run();
  void follow();
  std::optional<nats::StreamState> wait_for_stream(nats::JetStream& stream);
  nats::StartAt find_start(nats::JetStream& stream, const nats::StreamState& state);
  nats::StartAt find_first_start(nats::JetStream& stream, const nats::StreamState& state);
  bool holds_what_was_seen(nats::JetStream& stream, const nats::StreamState& state) const;
  bool read_in_order(nats::Subscription& subscription, nats::JetStream& stream);
  bool is_behind(nats::JetStream& stream) const;
  bool take_ready(nats::Subscription& subscription, nats::Message message);
  bool take(nats::Message message, std::vector<Arrival>& batch);
  bool give_up_gap(Position at, std::vector<Arrival>& batch);
  Arrival arrival_of(const nats::Message& message, Position at);
  Arrival skip(Position at);
  void announce_if_filled();
  void pause(std::chrono::milliseconds time);

  const ConsumerSettings settings_;
  const Sink sink_;

  EventOrder order_;
  std::string last_message_id_;  // of the message at order_.position()
  std::int64_t stream_created_ns_ = 0;
  bool begun_ = false;  // order_.position() is a place in the log
  bool caught_up_ = false;
  std::uint64_t fill_target_ = 0;
  std::optional<Position> gap_after_;  // seen once already
  std::chrono::milliseconds backoff_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool filled_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace fechatter::notify
