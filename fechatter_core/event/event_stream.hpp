#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/event/position.hpp"

// The stream of events, as the relay, which alone writes it, and its consumers use it. Implemented
// by nats::JetStream, and in tests/simulator by a stream that injects faults.
namespace fechatter::event {

// A call was not answered in time: its outcome is unknown. Nothing is lost, and a smaller request
// may be answered.
class TookTooLong : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StreamState {
  std::int64_t created_ns = 0;  // since 1970; another number means another stream
  std::uint64_t first_seq = 0;  // last_seq + 1 when the stream is empty
  std::uint64_t last_seq = 0;
  std::uint64_t messages = 0;
  std::chrono::nanoseconds max_age{0};  // older messages are removed; 0: never

  // Sequences are missing, lost or erased: find_missing() says which.
  bool has_hole() const { return messages > 0 && messages != last_seq - first_seq + 1; }
};

// The epoch of a message. Each message carries it, so that its consumer knows where the epoch
// begins and what it republishes.
struct Epoch {
  std::int64_t number = 0;          // 0: none, the message is not the relay's
  std::uint64_t first_seq = 0;      // the stream sequence at which it began
  std::int64_t covers_seconds = 0;  // since 1970: events published later are all in it
  EventId republish_through;        // it first republishes earlier events, up to this id; 0: none
};

// A message as it is stored.
struct StreamMessage {
  std::uint64_t stream_seq = 0;
  std::int64_t stored_at_ns = 0;  // since 1970, by the clock of NATS
  std::uint64_t pending = 0;      // newer messages in the stream; set by an EventReader only
  Epoch epoch;
  std::string message_id;   // see message_id_of; empty when the message is not the relay's
  Position first_position;  // in an earlier epoch; {}: this is the first publication
  std::string data;
  // The sequence of the message before this one of its workspace in this epoch; 0: there is none.
  // By it a reader of one workspace notices a missing message.
  std::uint64_t workspace_previous = 0;
  std::string trace = {};  // W3C traceparent of its publication; empty: none
};

// The bounds of a read: one message is read in any case.
struct ReadLimits {
  std::size_t messages = 512;
  std::size_t bytes = 1024 * 1024;  // of data; exceeded by some messages at most
};

// The messages of one workspace, in order.
struct WorkspaceRange {
  std::vector<StreamMessage> messages;
  bool complete = false;  // the stream holds no further one
};

struct Publication {
  std::string subject;
  std::string message_id;
  Position first_position;               // as in StreamMessage
  std::uint64_t workspace_previous = 0;  // likewise
  Epoch epoch;
  // The stream's last message must have this sequence and id, or the publication is refused; the
  // sequence alone where the stream has replicas.
  std::uint64_t expected_last_seq = 0;
  std::string expected_last_id;  // empty: any id
  std::string_view data;
  std::string trace = {};  // W3C traceparent; empty: none
};

// The answer to a publication.
struct PublishAck {
  std::uint64_t ticket = 0;
  std::uint64_t stream_seq = 0;  // 0: refused, or the stream had the message already
};

// The start of a reader.
struct StartAt {
  std::optional<std::uint64_t> stream_seq = {};  // at this sequence, or at the head if it is less
  std::optional<std::int64_t> stored_at_ns =
      {};  // else at the first message not older, else at all
};

// A message that a consumer has received: evidence of a loss when the stream holds another one at
// that sequence.
struct StreamObservation {
  std::uint64_t stream_seq = 0;
  std::string message_id;
};

// Reads the stream in order. One thread.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Waits for the next message; nothing after `timeout`.
  virtual std::optional<StreamMessage> next(std::chrono::milliseconds timeout) = 0;
};

// One connection to the stream. Every call throws std::runtime_error when it fails; after an
// exception the object is unusable: create a new one. One thread.
class EventStream {
 public:
  virtual ~EventStream() = default;

  virtual std::optional<StreamState> find_state() = 0;
  virtual StreamState create() = 0;
  // Removes the messages up to that sequence; the sequence numbers continue.
  virtual void purge(std::uint64_t last_seq) = 0;
  virtual std::optional<StreamMessage> find_message(std::uint64_t stream_seq) = 0;
  // The sequences between the stream's first and last one that it does not hold, in order.
  virtual std::vector<std::uint64_t> find_missing() = 0;
  // Overwrites the message on disk and removes it; the sequence is not used again. Nothing when
  // the stream does not hold it.
  virtual void erase(std::uint64_t stream_seq) = 0;
  // The stored messages with sequences from `first` to `last`, in order: a message that is not
  // among them is not in the stream. Throws TookTooLong rather than return a part. REQUIRES: the
  // range is short enough for memory.
  virtual std::vector<StreamMessage> read_range(std::uint64_t first, std::uint64_t last) = 0;
  // The stored messages of one workspace from the sequence `first` on. A message that the stream
  // lost is left out; what takes too long throws.
  virtual WorkspaceRange read_workspace(WorkspaceId workspace, std::uint64_t first,
                                        const ReadLimits& limits) = 0;
  // Reads stored and future messages. Must not outlive the stream.
  virtual std::unique_ptr<EventReader> follow(const StartAt& start) = 0;

  // Does not wait: returns the ticket of an ack that next_ack() returns, unless the ack is lost.
  virtual std::uint64_t publish(const Publication& publication) = 0;
  virtual std::optional<PublishAck> next_ack(std::chrono::milliseconds timeout) = 0;

  // Requests the holder of the relay's lease to verify the stream against an observation. May be
  // lost.
  virtual void request_verification(const StreamObservation& observation) = 0;
};

// "<epoch>-<event_id>", the Nats-Msg-Id of an event.
std::string message_id_of(std::int64_t epoch, EventId event);
struct MessageId {
  std::int64_t epoch = 0;
  EventId event;
};
// Zeros for any other text.
MessageId parse_message_id(std::string_view text);

// "<stream sequence> <message id>", the text of a message on verify_subject.
std::string to_string(const StreamObservation& observation);
std::optional<StreamObservation> parse_observation(std::string_view text);

}  // namespace fechatter::event
