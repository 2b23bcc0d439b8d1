#pragma once

#include <optional>

#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/worker_pool.hpp"

namespace fechatter::nats {

// Health check of NATS, over a connection and a thread of its own, so that the answer does not
// depend on other users of NATS. Any thread.
class Probe {
 public:
  explicit Probe(Settings settings);

  // Returns after an answer about the stream of events, which may be that there is none yet; throws
  // Error{nats_unavailable}.
  awaitable<> check();

 private:
  const Settings settings_;
  WorkerPool<std::optional<Connection>> pool_;
};

}  // namespace fechatter::nats
