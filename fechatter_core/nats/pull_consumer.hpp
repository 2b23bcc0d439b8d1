#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::nats {

// Dead letters: events that can never be processed, without their `data`, which may be erased from
// everywhere else, on fechatter.v1.dead.<consumer name>, for 30 days, with the header
// Fechatter-Reason.
inline constexpr const char* dead_letter_stream = "FECHATTER_DEAD";
inline constexpr const char* dead_letter_subject = "fechatter.v1.dead.";

// When a batch is complete. A consumer waits `wait` for the first event, then until there are
// `min`, or until the batch before, or the consumer's beginning, is `linger` ago: an event after a
// silence waits for no other. Then it adds the events that are ready, up to `max`. A batch with
// `bytes_max` is complete as well; it can have 32 events more than these bytes.
struct BatchLimits {
  std::size_t max = 1;
  std::size_t bytes_max = 4 * 1024 * 1024;
  std::size_t min = 1;
  std::chrono::milliseconds wait{500};
  std::chrono::milliseconds linger{0};
};

// Events and, at the same places, the messages that brought them, which are acked or nak'd.
struct Batch {
  std::vector<event::StreamMessage> events;
  std::vector<Message> messages;

  std::size_t size() const { return events.size(); }
  bool empty() const { return events.empty(); }

  std::size_t bytes = 0;  // of the events
};

// A durable pull consumer of the stream of events with explicit acks, shared by any number of
// processes: each event is delivered to one of them, at least once. It is redelivered, to any of
// them and in any order, when `ack_wait` has passed or after a nak, until it is acked.
// Every call throws Failure, after which the object is unusable: create a new one over a new
// connection. One thread.
class PullConsumer {
 public:
  // Resumes where the consumer of that name is; a new one begins with the oldest event that is
  // stored. REQUIRES: the stream exists (stream_exists()).
  PullConsumer(Connection& connection, const std::string& name, std::chrono::seconds ack_wait);

  // Ends early, with the events that are there, within 500 ms of `stop`.
  Batch fetch(const BatchLimits& limits, StopSignal& stop);

  // The acks of one batch are sent without waiting for the server: an ack that is lost means a
  // redelivery.
  void ack(const Message& message);
  void nak(const Message& message, std::chrono::milliseconds delay);
  // Restarts the ack wait of an event that is still being processed.
  void extend_ack_wait(const Message& message);
  // Publishes the event to the dead-letter stream, waits until it is stored there, and acks it.
  void dead_letter(const Message& message, const std::string& reason);

  // Consumer lag: events that are not acked yet, delivered or not. One round trip.
  std::uint64_t lag();

 private:
  // Up to `count` events and no more than one request may ask for, as soon as there are so many or
  // `wait` has passed; with a wait of 0 those that are there. Returns how many came.
  std::size_t fetch_into(Batch& batch, std::size_t count, std::chrono::milliseconds wait);
  void answer(const Message& message, std::string_view verdict);

  Connection& connection_;
  const std::string name_;
  const std::string request_subject_;
  const std::string inbox_;  // of each request one below it, by its number
  std::uint64_t requests_ = 0;
  // When the batch before was complete; before the first one, when the consumer began.
  std::chrono::steady_clock::time_point last_batch_ = std::chrono::steady_clock::now();
  Subscription replies_;
  std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> context_;
};

// Whether there is a stream of events. Throws Failure.
bool stream_exists(Connection& connection);

}  // namespace fechatter::nats
