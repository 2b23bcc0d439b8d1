#pragma once

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/nats/pull_consumer.hpp"

namespace fechatter::nats {

// Divides a window of events into batches of at most `max`, in which the workspaces take turns: a
// workspace with many events fills what the others leave. The events of one workspace stay in
// order.
std::vector<Batch> by_turns(Batch window, BatchSize max);

}  // namespace fechatter::nats
