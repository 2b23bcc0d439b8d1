#include "notify_server/stream/inbox.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t arrivals_max = 4096;

}  // namespace

bool Inbox::put(const std::vector<Arrival>& arrivals) {
  std::unique_lock lock{mutex_};
  room_.wait(lock, [this] { return stopped_ || arrivals_.size() < arrivals_max; });
  if (stopped_) return false;
  const bool was_empty = arrivals_.empty();
  arrivals_.insert(arrivals_.end(), arrivals.begin(), arrivals.end());
  return was_empty;
}

std::vector<Arrival> Inbox::take() {
  std::vector<Arrival> arrivals;
  {
    const std::lock_guard lock{mutex_};
    arrivals.swap(arrivals_);
  }
  room_.notify_all();
  return arrivals;
}

void Inbox::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  room_.notify_all();
}

}  // namespace fechatter::notify
