#pragma once

#include <optional>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "notify_server/stream/joining.hpp"

namespace fechatter::notify {

struct PastSettings {
  nats::Settings nats;
  std::size_t replays = 2;  // slices read at once, each on a thread and connection of its own
  std::size_t queue_max = 100'000;  // slices that wait; beyond: Error{overloaded}
};

// Reads what the stream holds behind the rings, slice by slice, for those who were away for long.
// Whoever wants a slice waits for the turn, so that a rush stays as cheap as a few. Any thread.
class PastReader {
 public:
  explicit PastReader(PastSettings settings);

  // As PastSource wants it. Throws nats::Failure, or Error{overloaded}.
  awaitable<PastSlice> read(WorkspaceId workspace, Position after, std::uint64_t to);

 private:
  using Session = std::optional<nats::Connection>;

  const nats::Settings nats_;
  WorkerPool<Session> pool_;
};

}  // namespace fechatter::notify
