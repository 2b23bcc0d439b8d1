#include "notify_server/stream/presence_subscriptions.hpp"

namespace fechatter::notify {

void PresenceSubscriptions::set(CachedUser& subscriber, SessionId session,
                                std::vector<UserId> subjects) {
  remove(session);
  if (subjects.empty()) return;
  for (const auto subject : subjects) subscribers_[subject][session] = &subscriber;
  sessions_[session] = std::move(subjects);
}

void PresenceSubscriptions::remove(SessionId session) {
  const auto list = sessions_.find(session);
  if (list == sessions_.end()) return;
  for (const auto subject : list->second) {
    const auto found = subscribers_.find(subject);
    if (found == subscribers_.end()) continue;  // the list names the subject twice
    found->second.erase(session);
    if (found->second.empty()) subscribers_.erase(found);
  }
  sessions_.erase(list);
}

}  // namespace fechatter::notify
