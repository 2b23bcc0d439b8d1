#pragma once

#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"

namespace fechatter {

// The members of chats. Threads and errors as described at ChatService.
class ChatMemberService {
 public:
  virtual ~ChatMemberService() = default;

  virtual awaitable<std::vector<ChatMember>> list(Caller caller, ChatId chat, UserId after,
                                                  std::int64_t limit) = 0;
  // Returns the new members, without those who were members before.
  virtual awaitable<std::vector<ChatMember>> add(Caller caller, ChatId chat,
                                                 std::vector<UserId> users) = 0;
  virtual awaitable<> remove(Caller caller, ChatId chat, std::vector<UserId> users) = 0;
  // Throws no_such_member.
  virtual awaitable<ChatMember> set_role(Caller caller, ChatId chat, UserId member,
                                         ChatRole role) = 0;
  virtual awaitable<Chat> join(Caller caller, ChatId chat) = 0;
  virtual awaitable<> leave(Caller caller, ChatId chat) = 0;
  // Throws not_found for a user of another workspace, invalid_fields for an active one.
  virtual awaitable<std::vector<Chat>> take_over(AuditedCaller by, UserId owner) = 0;
};

}  // namespace fechatter
