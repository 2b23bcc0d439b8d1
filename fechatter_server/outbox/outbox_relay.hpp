#pragma once

#include <memory>
#include <string>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_server/outbox/postgres_relay_store.hpp"
#include "fechatter_server/outbox/relay.hpp"

namespace fechatter::server {

struct RelaySettings {
  std::string database_url;
  nats::Settings nats;
  nats::StreamSettings stream;
  RelayRules rules;
  event::FanOutSettings fan_out;
  std::chrono::milliseconds statement_timeout{1000};  // less than the lease lives
};

// Runs this instance's Relay on a thread of its own, over one connection to PostgreSQL and one to
// NATS, for ever. Every instance has one. The holder of the lease publishes; the others wait to
// take over when it ends, hangs or loses its database, and wake it when their outbox grows.
class OutboxRelay {
 public:
  explicit OutboxRelay(RelaySettings settings);
  // Releases the lease.
  ~OutboxRelay();
  OutboxRelay(const OutboxRelay&) = delete;
  OutboxRelay& operator=(const OutboxRelay&) = delete;

  // To be called after a commit that wrote to the outbox. Any thread; never blocks for long.
  void wake();
  // Both by any thread.
  bool holding() const { return relay_.holding(); }
  const RelayCounts& counts() const { return relay_.counts(); }

 private:
  struct Signal;
  struct Subscriptions;

  void run();
  void serve(nats::Connection& connection);

  const RelaySettings settings_;
  std::shared_ptr<Signal> signal_;

  // The thread's own from here on.
  PostgresRelayStore store_;
  Relay relay_;
  std::thread thread_;
};

}  // namespace fechatter::server
