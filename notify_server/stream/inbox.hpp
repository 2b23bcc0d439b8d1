#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "notify_server/log/stream_update.hpp"

namespace fechatter::notify {

// What has arrived for a shard and waits for its thread; bounded. put() and stop() may be called
// from any thread.
class Inbox {
 public:
  // Blocks while it is full, unless stopped. True when it was empty: the shard is to be called.
  bool put(const std::vector<StreamUpdate>& updates);
  // Everything that waits.
  std::vector<StreamUpdate> take();
  // Nobody takes any more, and nobody waits.
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::vector<StreamUpdate> updates_;
  bool stopped_ = false;
};

}  // namespace fechatter::notify
