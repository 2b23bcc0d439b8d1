#pragma once

#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/annotation.hpp"
#include "fechatter_core/model/caller.hpp"

namespace fechatter {

// The rules of reactions, pins and saved messages. Any I/O thread. Throws chat_not_found for a chat
// that the caller is no member of, message_not_found, and chat_busy. To set what is set, and to
// remove what is not there, changes nothing and succeeds.
class AnnotationService {
 public:
  virtual ~AnnotationService() = default;

  // Throws invalid_fields for a text that is no emoji, and when the message has 50 kinds;
  // message_deleted, chat_archived.
  virtual awaitable<Message> react(Caller caller, ChatId chat, MessageId message,
                                   std::string emoji) = 0;
  virtual awaitable<Message> unreact(Caller caller, ChatId chat, MessageId message,
                                     std::string emoji) = 0;

  // Throws forbidden by the setting of the chat, invalid_fields when the chat has 50 pins,
  // message_deleted, chat_archived.
  virtual awaitable<> pin(Caller caller, ChatId chat, MessageId message) = 0;
  virtual awaitable<> unpin(Caller caller, ChatId chat, MessageId message) = 0;
  virtual awaitable<AnnotatedList> pins(Caller caller, ChatId chat, KeyPage page) = 0;

  // Throws invalid_fields when the caller has 1,000 saved messages, message_deleted.
  virtual awaitable<> save(Caller caller, MessageId message) = 0;
  virtual awaitable<> unsave(Caller caller, MessageId message) = 0;
  virtual awaitable<AnnotatedList> saved(Caller caller, KeyPage page) = 0;
};

}  // namespace fechatter
