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
};

// Runs this instance's Relay on a thread of its own, over a connection to PostgreSQL and one to
// NATS, for ever. Every instance has one; the one that holds the lease publishes, the others wait
// for it to end, hang or lose its database, and tell it of their events.
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
  struct Signal;
  struct Calls;

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
