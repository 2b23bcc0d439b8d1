#pragma once

#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/annotation.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/message.hpp"
#include "fechatter_core/trace_context.hpp"

namespace fechatter {

struct SentMessage {
  Message message;
  bool replayed = false;  // the idempotency key was known: nothing new was stored
};

// The rules of messages. Any I/O thread. Throws chat_not_found for a chat that the caller is no
// member of.
class MessageService {
 public:
  virtual ~MessageService() = default;

  // Throws chat_archived, chat_read_only, message_too_large, idempotency_key_reused,
  // invalid_fields, chat_busy, forbidden (@all in a chat that does not allow it), and
  // quota_workspace or quota_user.
  // `trace`: the span of the request; {}: none.
  virtual awaitable<SentMessage> send(Caller caller, ChatId chat, MessageDraft draft,
                                      TraceContext trace) = 0;
  // For the sender. Throws chat_archived, chat_read_only, message_too_large, message_not_found,
  // forbidden, message_deleted, invalid_fields, chat_busy, quota_workspace, quota_user.
  virtual awaitable<Message> edit(Caller caller, ChatId chat, MessageId message,
                                  MessageEdit edit) = 0;
  // For the sender, and for owners and admins of the chat. Throws message_not_found, forbidden,
  // chat_busy.
  virtual awaitable<> remove(Caller caller, ChatId chat, MessageId message) = 0;
  // The texts that edits have replaced, the newest 50; none of a deleted message. For the sender,
  // and for owners and admins of the chat. Throws message_not_found, forbidden.
  virtual awaitable<EditList> history(Caller caller, ChatId chat, MessageId message,
                                      KeyPage page) = 0;
  // A deleted message is a tombstone. Throws message_not_found.
  virtual awaitable<Message> get(Caller caller, ChatId chat, MessageId message) = 0;
  // Throws invalid_fields when the page's anchor is no message of the chat.
  virtual awaitable<MessageList> list(Caller caller, ChatId chat, MessagePage page) = 0;
};

}  // namespace fechatter
