#include "notify_server/stream/inbox.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t updates_max = 4096;

}  // namespace

bool Inbox::put(const std::vector<StreamUpdate>& updates) {
  std::unique_lock lock{mutex_};
  room_.wait(lock, [this] { return stopped_ || updates_.size() < updates_max; });
  if (stopped_) return false;
  const bool was_empty = updates_.empty();
  updates_.insert(updates_.end(), updates.begin(), updates.end());
  return was_empty;
}

std::vector<StreamUpdate> Inbox::take_all() {
  std::vector<StreamUpdate> updates;
  {
    const std::lock_guard lock{mutex_};
    updates.swap(updates_);
  }
  room_.notify_all();
  return updates;
}

void Inbox::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  room_.notify_all();
}

}  // namespace fechatter::notify
