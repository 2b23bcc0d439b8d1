#pragma once

#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/message.hpp"

namespace fechatter {

struct SentMessage {
  Message message;
  bool replayed = false;  // the key was known: nothing new was stored
};

// The rules of messages. Any I/O thread. Throws chat_not_found for a chat the caller is not in.
class MessageService {
 public:
  virtual ~MessageService() = default;

  // Throws idempotency_key_reused, invalid_fields, chat_busy.
  virtual awaitable<SentMessage> send(auth::Identity caller, ChatId chat, MessageDraft draft) = 0;
  // The sender's. Throws message_not_found, forbidden, message_deleted, invalid_fields, chat_busy.
  virtual awaitable<Message> edit(auth::Identity caller, ChatId chat, MessageId message,
                                  std::string content) = 0;
  // The sender's, or any for an owner or admin of the chat. Throws the same.
  virtual awaitable<> remove(auth::Identity caller, ChatId chat, MessageId message) = 0;
  virtual awaitable<std::vector<Message>> list(auth::Identity caller, ChatId chat,
                                               MessagePage page) = 0;
};

}  // namespace fechatter
