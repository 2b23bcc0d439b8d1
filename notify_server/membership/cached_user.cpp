#include "notify_server/membership/cached_user.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

const ChatMembership* find(const CachedUser& user, ChatId chat) {
  const auto found = std::ranges::lower_bound(user.chats, chat, {}, &ChatMembership::chat_id);
  return found != user.chats.end() && found->chat_id == chat ? &*found : nullptr;
}

}  // namespace

bool CachedUser::is_member(ChatId chat) const {
  const auto* found = find(*this, chat);
  return found && !found->ended;
}

bool CachedUser::is_or_was_member(ChatId chat) const {
  return find(*this, chat) != nullptr;
}

}  // namespace fechatter::notify
