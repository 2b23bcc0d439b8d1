#include "notify_server/membership/cached_user.hpp"

#include <algorithm>

namespace fechatter::notify {

bool CachedUser::is_member(ChatId chat) const {
  const auto found = std::ranges::lower_bound(chats, chat, {}, &ChatMembership::chat_id);
  return found != chats.end() && found->chat_id == chat;
}

}  // namespace fechatter::notify
