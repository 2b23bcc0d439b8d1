#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "notify_server/log/stream_update.hpp"

namespace fechatter::notify {

// The updates on their way to a shard's thread; bounded. put() and stop() may be called from any
// thread.
class Inbox {
 public:
  // Blocks while the inbox is full (back-pressure), unless stopped. True when it was empty: the
  // shard needs a handler.
  bool put(const std::vector<StreamUpdate>& updates);
  // Moves all updates out.
  std::vector<StreamUpdate> take_all();
  // put() no longer blocks, and drops its updates.
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::vector<StreamUpdate> updates_;
  bool stopped_ = false;
};

}  // namespace fechatter::notify
