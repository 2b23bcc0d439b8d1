#include "fechatter_core/http/session_registry.hpp"

namespace fechatter::http {
namespace {

constexpr int refusals_max = 64;

}  // namespace

bool SessionRegistry::enter(const std::shared_ptr<Session>& session) {
  const std::lock_guard lock{mutex_};
  if (draining_ || sessions_.size() >= limits_.connections_max) return false;
  sessions_.emplace(session.get(), session);
  return true;
}

void SessionRegistry::leave(const Session* session) {
  const std::lock_guard lock{mutex_};
  sessions_.erase(session);
  if (sessions_.empty()) left_.notify_all();
}

std::size_t SessionRegistry::count() const {
  const std::lock_guard lock{mutex_};
  return sessions_.size();
}

std::vector<std::shared_ptr<Session>> SessionRegistry::open_sessions() const {
  std::vector<std::shared_ptr<Session>> open;
  const std::lock_guard lock{mutex_};
  open.reserve(sessions_.size());  // below, a session dropped under the lock would ask for it again
  for (const auto& [_, weak] : sessions_) {
    if (auto session = weak.lock()) open.push_back(std::move(session));
  }
  return open;
}

void SessionRegistry::begin_draining() {
  const std::lock_guard lock{mutex_};
  draining_ = true;
}

void SessionRegistry::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock{mutex_};
  left_.wait_until(lock, deadline, [&] { return sessions_.empty(); });
}

bool SessionRegistry::begin_refusal() {
  if (++refusals_ <= refusals_max) return true;
  --refusals_;
  return false;
}

}  // namespace fechatter::http
