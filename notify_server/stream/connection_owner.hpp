#pragma once

#include "notify_server/stream/shard_counts.hpp"

namespace fechatter::notify {

class FlushQueue;
class PendingPool;
class StreamConnection;
struct ShardSettings;

// What a connection reports to its shard; never once per event.
class ConnectionOwner {
 public:
  // After back-pressure, everything that was queued has been sent.
  virtual void on_drained(StreamConnection& connection) = 0;
  // The owner may destroy the connection in a later handler, or now.
  virtual void on_closed(StreamConnection& connection, CloseCause cause) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// What the connections of a shard share. Outlives them.
struct ConnectionContext {
  ConnectionOwner& owner;
  FlushQueue& flush_queue;
  PendingPool& pending_pool;
  const ShardSettings& settings;
  ShardCounts& counts;
};

}  // namespace fechatter::notify
