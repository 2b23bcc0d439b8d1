#include "fechatter_core/http/session_registry.hpp"

#include "fechatter_core/http/session.hpp"

namespace fechatter::http {
namespace {

constexpr int refusals_max = 64;

}  // namespace

std::optional<Error> SessionRegistry::enter(const std::shared_ptr<Session>& session) {
  const auto& peer = session->peer_address();
  const bool proxy = router_.edge().proxies.contains(peer);
  auto address = proxy ? std::string{} : address_group(peer);
  const std::lock_guard lock{mutex_};
  if (draining_) return Error{ErrorCode::draining, "the server is shutting down"};
  if (sessions_.size() >= limits_.connections_max) {
    return Error{ErrorCode::overloaded, "too many connections"};
  }
  if (!address.empty()) {
    auto& count = per_address_[address];  // never 0 for long: there is room for one at least
    if (count >= limits_.connections_per_address_max) {
      return Error{ErrorCode::rate_limited, "too many connections from this address"};
    }
    ++count;
  }
  sessions_.emplace(session.get(), Entry{session, std::move(address)});
  return std::nullopt;
}

void SessionRegistry::leave(const Session* session) {
  const std::lock_guard lock{mutex_};
  const auto entry = sessions_.find(session);
  if (entry == sessions_.end()) return;
  const auto count = per_address_.find(entry->second.address);
  if (count != per_address_.end() && --count->second == 0) per_address_.erase(count);
  sessions_.erase(entry);
  if (sessions_.empty()) left_.notify_all();
}

std::size_t SessionRegistry::count() const {
  const std::lock_guard lock{mutex_};
  return sessions_.size();
}

std::vector<std::shared_ptr<Session>> SessionRegistry::open_sessions() const {
  std::vector<std::shared_ptr<Session>> open;
  const std::lock_guard lock{mutex_};
  open.reserve(sessions_.size());  // a reallocation could destroy a session, which takes the lock
  for (const auto& [_, entry] : sessions_) {
    if (auto session = entry.session.lock()) open.push_back(std::move(session));
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
