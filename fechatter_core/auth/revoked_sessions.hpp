#pragma once

#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::auth {

// The revoked sessions whose access tokens have not expired yet; checked in addition to the token.
// A session is dropped when its last token must have expired. Any thread.
class RevokedSessions {
 public:
  // `token_life`: the longest life of an access token.
  explicit RevokedSessions(std::chrono::seconds token_life) : token_life_{token_life} {}

  bool contains(SessionId session) const;
  // Returns the sessions that are new to the set.
  std::vector<SessionId> add(const std::vector<std::pair<SessionId, Timestamp>>& revoked);

  std::chrono::seconds token_life() const { return token_life_; }

 private:
  const std::chrono::seconds token_life_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<SessionId, Timestamp> revoked_at_;
};

}  // namespace fechatter::auth
