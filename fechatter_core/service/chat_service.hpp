#pragma once

#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/pace.hpp"

namespace fechatter {

struct ChatCreation {
  Chat chat;
  bool existed = false;
};

// The rules of the four types of chat. Any I/O thread. Throws chat_not_found for a chat that the
// caller may not see, forbidden for an action that the caller's standing does not allow,
// invalid_fields for a rule of the type, chat_name_taken, owner_must_hand_over, daily_limit,
// chat_busy.
class ChatService {
 public:
  virtual ~ChatService() = default;

  virtual awaitable<ChatCreation> create(Caller caller, ChatDraft draft) = 0;
  virtual awaitable<Chat> get(Caller caller, ChatId chat) = 0;
  virtual awaitable<ChatList> list(Caller caller, ChatPage page, Pace& pace) = 0;
  virtual awaitable<std::vector<PublicChannel>> list_public(Caller caller, std::string part,
                                                            ChatId after, std::int64_t limit,
                                                            bool archived) = 0;
  virtual awaitable<Chat> update(Caller caller, ChatId chat, ChatPatch patch) = 0;
  virtual awaitable<Chat> set(Caller caller, ChatId chat, ChatSettings settings) = 0;
  // Archives the chat, or restores it: an archived chat takes no messages.
  virtual awaitable<Chat> archive(Caller caller, ChatId chat, bool archived) = 0;
  virtual awaitable<> remove(Caller caller, ChatId chat) = 0;
  virtual awaitable<Chat> restore(AuditedCaller by, ChatId chat) = 0;
};

}  // namespace fechatter
