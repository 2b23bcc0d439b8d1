#pragma once

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "fechatter_core/nats/event_worker.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {

// Records the events, and fails, refuses or blocks as a test asks. Any thread.
class RecordingHandler final : public EventHandler {
 public:
  std::vector<RefusedEvent> handle(const std::vector<event::StreamMessage>& events) override {
    std::unique_lock lock{mutex_};
    ++calls_;
    opened_.wait(lock, [this] { return open_; });
    if (failing_) throw std::runtime_error{"the index is away"};
    if (events.size() > events_max_) throw std::runtime_error{"too much at once"};
    std::vector<RefusedEvent> refused;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].data == "throws") throw EventRefusal{"thrown"};
      if (refuses(events[i].data)) refused.push_back({i, "returned"});
    }
    for (const auto& event : events) {
      if (!refuses(event.data)) handled_.push_back(event.data);
    }
    return refused;
  }

  void refuse_all() {
    const std::lock_guard lock{mutex_};
    refuses_all_ = true;
  }
  void set_failing(bool failing) {
    const std::lock_guard lock{mutex_};
    failing_ = failing;
  }
  void set_events_max(std::size_t events_max) {
    const std::lock_guard lock{mutex_};
    events_max_ = events_max;
  }
  void set_open(bool open) {
    const std::lock_guard lock{mutex_};
    open_ = open;
    opened_.notify_all();
  }
  int calls() {
    const std::lock_guard lock{mutex_};
    return calls_;
  }
  std::vector<std::string> handled() {
    const std::lock_guard lock{mutex_};
    return handled_;
  }
  bool has_handled(std::size_t count) {
    return test::eventually([&] { return handled().size() >= count; });
  }

 private:
  // REQUIRES: the mutex is locked.
  bool refuses(const std::string& data) const { return refuses_all_ || data == "refused"; }

  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = true;
  bool failing_ = false;
  bool refuses_all_ = false;
  std::size_t events_max_ = 1'000'000;
  int calls_ = 0;
  std::vector<std::string> handled_;
};

}  // namespace fechatter::nats
