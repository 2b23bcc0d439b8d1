#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/message.hpp"

namespace fechatter {

struct AppendRequest {
  WorkspaceId workspace_id;
  ChatId chat_id;
  UserId sender_id;
  MessageDraft draft;
  std::string request_hash;  // SHA-256 of the canonical request, as bytea text
};

struct AppendOutcome {
  enum class Kind {
    created,
    replayed,  // same key, same request: `message` as it is now
    key_reused,
    not_a_member,  // or no such chat
    unknown_reply_to,
    mention_outside,  // somebody mentioned is no member
    busy,             // the chat's lock could not be had in time
  };
  Kind kind = Kind::busy;
  std::optional<Message> message;  // of created and replayed
};

// What became of an edit or a deletion. Only `done` changed anything.
enum class MessageOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  no_such_message,
  forbidden,
  deleted,  // a tombstone is not edited
  empty,    // neither text nor file would be left
};

struct EditedMessage {
  MessageOutcome outcome = MessageOutcome::not_found;
  std::optional<Message> message;  // when done
};

// As UserRepository in errors and threads.
class MessageRepository {
 public:
  virtual ~MessageRepository() = default;

  // Durable when it returns: the message and its event, in one transaction. Sends that wait
  // together share one round trip.
  virtual awaitable<AppendOutcome> append(AppendRequest request) = 0;

  // Durable with their events when they return; chat_busy when the chat stays locked for 2 s. The
  // same text again, and deleting twice, are done already: nobody is told.
  virtual awaitable<EditedMessage> edit(WorkspaceId workspace, UserId caller, ChatId chat,
                                        MessageId message, std::string content) = 0;
  virtual awaitable<MessageOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat,
                                           MessageId message) = 0;

  // Newest first. Nothing when `member` is not in the chat. Throws invalid_fields when the page
  // names a message that the chat does not have.
  virtual awaitable<std::optional<std::vector<Message>>> list(WorkspaceId workspace, UserId member,
                                                              ChatId chat, MessagePage page) = 0;
};

}  // namespace fechatter
