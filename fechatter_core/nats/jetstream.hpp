#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_core/nats/connection.hpp"

namespace fechatter::nats {

struct StreamState {
  std::int64_t created_ns = 0;  // since 1970; another number means another stream
  std::uint64_t first_seq = 0;  // last_seq + 1 when the stream is empty
  std::uint64_t last_seq = 0;
  std::uint64_t messages = 0;
};

struct StreamSettings {
  std::string name;
  std::string subjects;
  std::chrono::hours max_age{7 * 24};
  std::int64_t replicas = 1;
};

// A message with what JetStream knows of it.
struct StoredMessage {
  std::uint64_t stream_seq = 0;
  std::uint64_t pending = 0;  // how many of the stream are still behind it
  Message message;
};

// Where a consumer begins.
struct StartAt {
  std::optional<std::uint64_t> stream_seq;       // this sequence, or
  std::optional<std::chrono::milliseconds> ago;  // this long ago, or neither: the first there is
};

// JetStream over a connection that outlives it. Every call throws Failure. One thread.
class JetStream {
 public:
  explicit JetStream(Connection& connection);

  std::optional<StreamState> find_stream(const std::string& name);
  StreamState create_stream(const StreamSettings& settings);
  // Removes what the stream holds; its sequence numbers go on.
  void purge(const std::string& name);
  std::optional<Message> find_message(const std::string& stream, std::uint64_t stream_seq);

  // An ephemeral push consumer without acknowledgements, for one reader. Missed heartbeats (1 s)
  // are a Failure of Subscription::next.
  Subscription consume(const std::string& stream, const std::string& subjects,
                       const StartAt& start);

 private:
  std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> raw_;
};

// REQUIRES: the message came through JetStream::consume.
StoredMessage with_position(Message message);

}  // namespace fechatter::nats
