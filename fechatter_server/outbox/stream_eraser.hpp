#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/stop_signal.hpp"
#include "fechatter_server/outbox/postgres_erasure_store.hpp"

namespace fechatter::server {

struct StreamEraserSettings {
  std::string database_url;
  nats::Settings nats;
  int stream_days = 8;  // longer than the stream keeps a message
};

// Runs this instance's Eraser on a thread of its own, for ever: every 2 s, or at once while there
// is more, one slice. After a failure the next attempt has new connections. The texts themselves
// are found by the cleanup (its chore "erasures").
class StreamEraser {
 public:
  explicit StreamEraser(StreamEraserSettings settings);
  // Returns when the current slice has ended.
  ~StreamEraser();
  StreamEraser(const StreamEraser&) = delete;
  StreamEraser& operator=(const StreamEraser&) = delete;

  // Failures since the last success. Any thread.
  int failures() const { return failures_; }

 private:
  void run();
  // Until it stops or fails.
  void serve();

  const StreamEraserSettings settings_;
  std::atomic<int> failures_ = 0;
  StopSignal stop_;
  std::thread thread_;
};

}  // namespace fechatter::server
