#include "notify_server/membership/recipients.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

bool contains(const std::vector<UserId>& sorted, UserId user) {
  return std::binary_search(sorted.begin(), sorted.end(), user);
}

bool is_member_of_any(const CachedUser& user, const std::vector<ChatId>& chats) {
  return std::any_of(chats.begin(), chats.end(),
                     [&user](ChatId chat) { return user.is_member(chat); });
}

}  // namespace

void Recipients::apply_changes(const Event& event) {
  apply_additions(event);
  apply_removals(event);
}

void Recipients::apply_additions(const Event& event) {
  cache_.add(event.chat_id, event.added, event.event_id);
  if (event.restores_chat) cache_.restore_chat(event.chat_id, event.event_id);
}

void Recipients::apply_removals(const Event& event) {
  cache_.remove(event.chat_id, event.removed, event.event_id);
  if (event.ends_chat) cache_.end_chat(event.chat_id, event.event_id);
}

bool is_recipient(const CachedUser& user, const Event& event) {
  if (user.workspace_id != event.workspace_id) return false;
  switch (event.audience) {
    case event::AudienceKind::workspace: return true;
    case event::AudienceKind::chat:
      if (user.is_member(event.chat_id)) return true;
      if (event.ends_chat && user.is_or_was_member(event.chat_id)) return true;
      break;
    case event::AudienceKind::users:
      if (event.for_members && !user.is_member(event.chat_id)) break;
      if (contains(event.users, user.id) || is_member_of_any(user, event.chats)) return true;
      break;
  }
  return contains(event.added, user.id) || contains(event.removed, user.id);
}

}  // namespace fechatter::notify
