#pragma once

#include <algorithm>

#include "notify_server/log/event.hpp"
#include "notify_server/membership/membership_cache.hpp"

namespace fechatter::notify {

// Whether an ephemeral event is not for that user, whatever chats they share.
inline bool is_excepted(const Event& event, UserId user) {
  return std::binary_search(event.except.begin(), event.except.end(), user);
}

// The known users of one shard who are entitled to an event: its audience, and the users that it
// adds to a chat or removes from it. One thread.
class Recipients {
 public:
  explicit Recipients(MembershipCache& cache) : cache_{cache} {}

  // Visits each recipient once, in no particular order, and applies the event's changes of
  // membership: an added user is a member when visited, a removed user is none afterwards.
  template <class Visit>
  void for_each(const Event& event, Visit visit) {
    apply_additions(event);
    ++deliveries_;
    const auto visit_once = [&](CachedUser& user) {
      if (user.last_delivery == deliveries_ || user.workspace_id != event.workspace_id) return;
      user.last_delivery = deliveries_;
      const bool is_wanted = user.id != event.subject || event.to_subject;
      if (is_wanted && !is_excepted(event, user.id)) visit(user);
    };
    switch (event.audience) {
      case event::AudienceKind::chat:
        for (auto* user : cache_.members(event.chat_id)) visit_once(*user);
        // Read from the database between the deletion and this event.
        if (event.ends_chat) {
          for (auto* user : cache_.former_members(event.chat_id)) visit_once(*user);
        }
        break;
      case event::AudienceKind::workspace:
        for (auto* user : cache_.of_workspace(event.workspace_id)) visit_once(*user);
        break;
      case event::AudienceKind::users:
        for (const auto chat : event.chats) {
          for (auto* user : cache_.members(chat)) visit_once(*user);
        }
        break;
    }
    for (const auto* named : {&event.users, &event.added, &event.removed}) {
      for (const auto id : *named) {
        if (auto* user = cache_.find(id)) visit_once(*user);
      }
    }
    apply_removals(event);
  }

  // The event's changes of membership alone.
  void apply_changes(const Event& event);
  // Whether the last event was for that user, or is about that user.
  bool has_visited(const CachedUser& user) const { return user.last_delivery == deliveries_; }

 private:
  void apply_additions(const Event& event);
  void apply_removals(const Event& event);

  MembershipCache& cache_;
  std::uint64_t deliveries_ = 0;  // numbers the events
};

// Whether an event is replayed to the user: by the memberships of now, so that the events of a chat
// that the user has left since are not, and of a deleted chat only its deletion is.
bool is_recipient(const CachedUser& user, const Event& event);

}  // namespace fechatter::notify
