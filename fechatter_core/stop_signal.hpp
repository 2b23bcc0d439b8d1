#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace fechatter {

// Stops a thread that works in rounds. Any thread.
class StopSignal {
 public:
  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stopped_ = true;
    }
    changed_.notify_all();
  }

  bool stopped() {
    const std::lock_guard lock{mutex_};
    return stopped_;
  }

  // Ends early only when stop() is called.
  void pause(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, time, [this] { return stopped_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

}  // namespace fechatter
