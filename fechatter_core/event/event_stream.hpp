#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/event/position.hpp"

// The stream of events, as those who decide by it see it: the relay, which alone writes it, and
// those who follow it. nats::JetStream is the real one, tests/simulator has one that fails on
// purpose.
namespace fechatter::event {

struct StreamState {
  std::int64_t created_ns = 0;  // since 1970; another number means another stream
  std::uint64_t first_seq = 0;  // last_seq + 1 when the stream is empty
  std::uint64_t last_seq = 0;
  std::uint64_t messages = 0;
  std::chrono::nanoseconds max_age{0};  // older messages are removed; 0: never

  bool has_hole() const { return messages > 0 && messages != last_seq - first_seq + 1; }
};

// The epoch of a message, and what its relay knew of it. Each message carries it, so that whoever
// reads one knows where the epoch begins and what it tells again.
struct Epoch {
  std::int64_t number = 0;          // 0: none, the message is not the relay's
  std::uint64_t first_seq = 0;      // where in the stream it began
  std::int64_t covers_seconds = 0;  // since 1970: what was published after that is in it, again
  EventId republish_through;  // it begins with what earlier ones told, up to that event; 0: none
};

// A message as it is stored.
struct StreamMessage {
  std::uint64_t stream_seq = 0;
  std::int64_t stored_at_ns = 0;  // since 1970, by the clock of NATS
  std::uint64_t pending = 0;      // how many are still behind it; only of what an EventReader read
  Epoch epoch;
  std::string message_id;   // see message_id_of; empty when the message is not the relay's
  Position first_position;  // where an earlier epoch told it first; {}: nowhere
  std::string data;
};

struct Publication {
  std::string subject;
  std::string message_id;
  Position first_position;  // as StreamMessage has it
  Epoch epoch;
  // The stream's last message must be that one, or the publication is refused.
  std::uint64_t expected_last_seq = 0;
  std::string expected_last_id;  // empty: whichever has the sequence
  std::string_view data;
};

// What became of a publication.
struct PublishAck {
  std::uint64_t ticket = 0;
  std::uint64_t stream_seq = 0;  // 0: refused, or the stream had the message already
};

// Where a reader begins.
struct StartAt {
  std::optional<std::uint64_t> stream_seq = {};   // this sequence, or the end if that is before it
  std::optional<std::int64_t> stored_at_ns = {};  // else the first that is not older, else all
};

// What one has seen of the stream: evidence when something else stands there now.
struct StreamObservation {
  std::uint64_t stream_seq = 0;
  std::string message_id;
};

// Reads the stream onward. One thread.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Waits for the next message; nothing after `timeout`.
  virtual std::optional<StreamMessage> next(std::chrono::milliseconds timeout) = 0;
};

// One connection to the stream. Every call throws std::runtime_error when it cannot do its work;
// after that the stream is worth nothing any more, and its owner makes another. One thread.
class EventStream {
 public:
  virtual ~EventStream() = default;

  virtual std::optional<StreamState> find_state() = 0;
  virtual StreamState create() = 0;
  // Removes what the stream holds up to that sequence; its numbers go on.
  virtual void purge(std::uint64_t last_seq) = 0;
  virtual std::optional<StreamMessage> find_message(std::uint64_t stream_seq) = 0;
  // What is stored of the sequences from `first` to `last`, in order: in bulk, for those who read
  // the past. REQUIRES: the range is short enough for memory.
  virtual std::vector<StreamMessage> read_range(std::uint64_t first, std::uint64_t last) = 0;
  // What is stored and what will be. Must not outlive the stream.
  virtual std::unique_ptr<EventReader> follow(const StartAt& start) = 0;

  // Does not wait: returns a ticket that next_ack() will show, or nothing if the answer is lost.
  virtual std::uint64_t publish(const Publication& publication) = 0;
  virtual std::optional<PublishAck> next_ack(std::chrono::milliseconds timeout) = 0;

  // Tells whoever holds the relay's lease what was seen, so that it looks whether the stream is
  // sound. May be lost.
  virtual void request_verification(const StreamObservation& seen) = 0;
};

// "<epoch>-<event_id>", the Nats-Msg-Id of an event.
std::string message_id_of(std::int64_t epoch, EventId event);
struct MessageId {
  std::int64_t epoch = 0;
  EventId event;
};
// Zeros when it is none.
MessageId parse_message_id(std::string_view text);

// "<stream sequence> <message id>", as it travels on verify_subject.
std::string to_string(const StreamObservation& seen);
std::optional<StreamObservation> parse_observation(std::string_view text);

}  // namespace fechatter::event
