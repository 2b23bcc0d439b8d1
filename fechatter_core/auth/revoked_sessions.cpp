#include "fechatter_core/auth/revoked_sessions.hpp"

#include <mutex>

namespace fechatter::auth {

bool RevokedSessions::contains(SessionId session) const {
  const std::shared_lock lock{mutex_};
  return revoked_at_.contains(session);
}

std::vector<SessionId> RevokedSessions::add(
    const std::vector<std::pair<SessionId, Timestamp>>& revoked) {
  std::vector<SessionId> fresh;
  const std::unique_lock lock{mutex_};
  for (const auto& [session, at] : revoked) {
    if (revoked_at_.emplace(session, at).second) fresh.push_back(session);
  }
  const auto oldest = now() - 2 * token_life_;
  std::erase_if(revoked_at_, [oldest](const auto& entry) { return entry.second < oldest; });
  return fresh;
}

}  // namespace fechatter::auth
