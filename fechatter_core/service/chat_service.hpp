#pragma once

#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/chat.hpp"

namespace fechatter {

struct ChatCreation {
  Chat chat;
  bool existed = false;
};

// The rules of the four kinds of chat. Any I/O thread. Throws chat_not_found for what the caller
// may not see, forbidden for what the caller's role there does not allow, invalid_fields for a rule
// of the type, owner_must_hand_over, chat_busy.
class ChatService {
 public:
  virtual ~ChatService() = default;

  virtual awaitable<ChatCreation> create(auth::Identity caller, ChatDraft draft) = 0;
  virtual awaitable<Chat> get(auth::Identity caller, ChatId chat) = 0;
  virtual awaitable<std::vector<ChatSummary>> list(auth::Identity caller) = 0;
  virtual awaitable<std::vector<PublicChannel>> list_public(auth::Identity caller, std::string part,
                                                            ChatId after, std::int64_t limit) = 0;
  virtual awaitable<Chat> update(auth::Identity caller, ChatId chat, ChatPatch patch) = 0;
  virtual awaitable<> remove(auth::Identity caller, ChatId chat) = 0;
};

// Who is in a chat. As ChatService in errors and threads.
class ChatMemberService {
 public:
  virtual ~ChatMemberService() = default;

  virtual awaitable<std::vector<ChatMember>> list(auth::Identity caller, ChatId chat, UserId after,
                                                  std::int64_t limit) = 0;
  // Returns those who were no members before.
  virtual awaitable<std::vector<ChatMember>> add(auth::Identity caller, ChatId chat,
                                                 std::vector<UserId> users) = 0;
  virtual awaitable<> remove(auth::Identity caller, ChatId chat, std::vector<UserId> users) = 0;
  // Throws no_such_member.
  virtual awaitable<ChatMember> set_role(auth::Identity caller, ChatId chat, UserId member,
                                         ChatRole role) = 0;
  virtual awaitable<Chat> join(auth::Identity caller, ChatId chat) = 0;
  virtual awaitable<> leave(auth::Identity caller, ChatId chat) = 0;
};

}  // namespace fechatter
