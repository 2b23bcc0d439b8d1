#pragma once

#include "fechatter_core/nats/pull_consumer.hpp"

namespace fechatter::nats {

// Divides a window of events into batches of at most `max` events, in which the workspaces take
// turns: a workspace with many events fills what the others leave. The events of one workspace stay
// in order.
std::vector<Batch> by_turns(Batch window, std::size_t max);

}  // namespace fechatter::nats
