#pragma once

#include <atomic>
#include <optional>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/postgres/erasure_reads.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "notify_server/log/replay_slice.hpp"

namespace fechatter::notify {

struct ReplaySettings {
  nats::Settings nats;
  std::string database_url;         // of the records of erasures
  std::size_t replays = 2;          // slices read at once, each on its own thread and connection
  std::size_t queue_max = 100'000;  // slices that wait; beyond: Error{overloaded}
};

// Replays from the stream, slice by slice, the events that the rings have evicted. A slice is of
// one workspace and has 512 messages and about 1 MiB at most; after a time-out the next ones are
// half as large, down to one message. A slice waits for a free thread, so that NATS has `replays`
// readers at most, however many clients return at once. Any thread.
class ReplayReader {
 public:
  explicit ReplayReader(ReplaySettings settings);

  // A ReplaySource. Throws nats::Failure, or Error{overloaded}.
  awaitable<ReplaySlice> read(WorkspaceId workspace, FrameId after, std::uint64_t to);

 private:
  struct Session {
    explicit Session(const std::string& database_url) : erasures{database_url} {}
    std::optional<nats::Connection> nats;
    postgres::ErasureReads erasures;
  };

  ReplaySlice read_with(Session& session, WorkspaceId workspace, FrameId after, std::uint64_t to);

  const nats::Settings nats_;
  std::atomic<std::size_t> messages_max_;  // of the next slice
  WorkerPool<Session> pool_;
};

}  // namespace fechatter::notify
