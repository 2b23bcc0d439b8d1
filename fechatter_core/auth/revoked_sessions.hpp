#pragma once

#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::auth {

// The sessions that ended while tokens of theirs are still valid by date. Asked before the token
// cache's word counts. Holds a session for as long as such a token can live, then forgets it. Any
// thread.
class RevokedSessions {
 public:
  // `token_life`: the longest life of an access token.
  explicit RevokedSessions(std::chrono::seconds token_life) : token_life_{token_life} {}

  bool contains(SessionId session) const;
  // Returns those that were not known yet.
  std::vector<SessionId> add(const std::vector<std::pair<SessionId, Timestamp>>& revoked);

  std::chrono::seconds token_life() const { return token_life_; }

 private:
  const std::chrono::seconds token_life_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<SessionId, Timestamp> revoked_at_;
};

}  // namespace fechatter::auth
