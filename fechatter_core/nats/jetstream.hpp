#pragma once

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/nats_connection.hpp"

namespace fechatter::nats {

// The configuration of the stream that create() makes.
struct StreamSettings {
  std::chrono::hours max_age{7 * 24};
  std::int64_t replicas = 1;  // copies on as many servers of the cluster; odd
  std::int64_t max_bytes = std::int64_t{4} * 1024 * 1024 * 1024;  // then the oldest messages go
};

// The stream of events in JetStream, over a connection that outlives it. Every call throws Failure.
// One thread.
class JetStream final : public event::EventStream {
 public:
  explicit JetStream(Connection& connection, StreamSettings settings = {});

  std::optional<event::StreamState> find_state() override;
  // A server with less room for the stream than max_bytes gives it half of that, or a quarter, …
  event::StreamState create() override;
  // Gives an existing stream the age and the bytes of the settings, which may remove its oldest
  // messages, and the replicas, as far as there are servers for them. Nothing without a stream.
  void apply_limits();
  void purge(std::uint64_t last_seq) override;
  std::optional<event::StreamMessage> find_message(std::uint64_t stream_seq) override;
  std::vector<std::uint64_t> find_missing() override;
  void erase(std::uint64_t stream_seq) override;
  std::vector<event::StreamMessage> read_range(std::uint64_t first, std::uint64_t last) override;
  event::WorkspaceRange read_workspace(WorkspaceId workspace, std::uint64_t first,
                                       const event::ReadLimits& limits) override;
  // An ephemeral push consumer without acknowledgements. Missed heartbeats (1 s) are a Failure of
  // EventReader::next.
  std::unique_ptr<event::EventReader> follow(const event::StartAt& start) override;

  std::uint64_t publish(const event::Publication& publication) override;
  std::optional<event::PublishAck> next_ack(std::chrono::milliseconds timeout) override;

  void request_verification(const event::StreamObservation& observation) override;

 private:
  event::StreamState read_state(const jsStreamInfo& info);
  void read_singly(std::uint64_t first, std::uint64_t last,
                   std::vector<event::StreamMessage>& range);
  Connection& connection_;
  const StreamSettings settings_;
  // By the last read of its state. A replica that has caught up does not know the id of its last
  // message (nats-server 2.15.3): it fails at a publication that names that id, and stays behind.
  bool replicated_ = false;
  std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> raw_;

  // Made by the first publish(). Acks arrive at <inbox>.<ticket>.
  std::string inbox_;
  std::optional<Subscription> acks_;
  std::uint64_t tickets_ = 0;
};

}  // namespace fechatter::nats
