#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_server/outbox/event_chain.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

struct RelaySettings {
  std::string database_url;
  nats::Settings nats;
  std::int64_t stream_replicas = 1;
  std::chrono::hours stream_max_age{7 * 24};
  std::chrono::seconds republish{3600};  // how far back a new epoch tells again
  std::size_t batch_max = 512;           // events under way at once
  int keep_days = 2;                     // outbox partitions that stay after their day
};

// Brings events from the outbox to the stream, in outbox order, on a thread of its own. Every
// instance runs one; the one that holds the lease works, the others wait for it to end, hang or
// lose its database. It alone makes, alters and writes the stream. Loss of the stream is noticed at
// take-over, after each new connection, by a refused link of the chain, and every 5 s when idle;
// then a new epoch begins. A crash at any point costs nothing: what was published but not marked is
// found in the stream again.
class OutboxRelay {
 public:
  explicit OutboxRelay(RelaySettings settings);
  // Gives the lease back.
  ~OutboxRelay();
  OutboxRelay(const OutboxRelay&) = delete;
  OutboxRelay& operator=(const OutboxRelay&) = delete;

  // The outbox has grown. Any thread; never blocks for long.
  void wake();

 private:
  using Clock = std::chrono::steady_clock;
  struct Signal;
  struct Wakes;

  void run();
  void serve(nats::Connection& connection);
  void stand_by(nats::Connection& connection);
  void work(nats::Connection& connection);
  bool relay_batch(EventChain& chain);
  EventChain take_up_chain(nats::Connection& connection);
  bool is_sound(nats::JetStream& stream, const nats::StreamState& state) const;
  bool mark_what_is_there(nats::JetStream& stream, const nats::StreamState& state);
  nats::StreamState begin_epoch(nats::JetStream& stream, std::optional<nats::StreamState> state);
  bool may_publish();
  void tend_partitions();
  bool stopping() const;

  const RelaySettings settings_;
  const std::string holder_;
  std::shared_ptr<Signal> signal_;

  // The thread's own from here on.
  RelayStore store_;
  RelayState state_;
  bool holding_ = false;
  Clock::time_point renewed_at_;
  Clock::time_point tended_at_;
  std::thread thread_;
};

}  // namespace fechatter::server
