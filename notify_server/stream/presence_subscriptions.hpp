#pragma once

#include <unordered_map>
#include <vector>

#include "notify_server/membership/cached_user.hpp"
#include "notify_server/presence/presence_message.hpp"

namespace fechatter::notify {

// The users whose presence a session of a user has asked for, wherever they chat.
struct PresenceSubscription {
  PresenceUser user;  // of the session
  SessionId session_id;
  std::vector<UserId> subjects;
};

// The subscriptions of the sessions with a stream on one shard: a list for each, 30 KB at most for
// one of 200 subjects. What set() and remove() cost depends on the subjects of the session, not on
// how many others have subscribed to them. One thread.
class PresenceSubscriptions {
 public:
  // Replaces the session's list. REQUIRES: the session has a stream here; `subscriber` outlives it.
  void set(CachedUser& subscriber, SessionId session, std::vector<UserId> subjects);
  // The session's last stream has closed.
  void remove(SessionId session);
  bool empty() const { return sessions_.empty(); }

  // Visits (CachedUser&, SessionId) of each session that has asked for `subject`.
  template <class Visit>
  void for_each(UserId subject, Visit visit) const {
    const auto found = subscribers_.find(subject);
    if (found == subscribers_.end()) return;
    for (const auto& [session, subscriber] : found->second) visit(*subscriber, session);
  }

 private:
  using Subscribers = std::unordered_map<SessionId, CachedUser*>;

  std::unordered_map<SessionId, std::vector<UserId>> sessions_;
  std::unordered_map<UserId, Subscribers> subscribers_;
};

}  // namespace fechatter::notify
