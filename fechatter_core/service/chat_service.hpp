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
// may not see, invalid_fields for a rule of the type.
class ChatService {
 public:
  virtual ~ChatService() = default;

  virtual awaitable<ChatCreation> create(auth::Identity caller, ChatDraft draft) = 0;
  virtual awaitable<Chat> get(auth::Identity caller, ChatId chat) = 0;
  virtual awaitable<std::vector<ChatSummary>> list(auth::Identity caller) = 0;
  virtual awaitable<std::vector<ChatMember>> members(auth::Identity caller, ChatId chat,
                                                     UserId after, std::int64_t limit) = 0;
};

}  // namespace fechatter
