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

// As UserRepository in errors and threads.
class MessageRepository {
 public:
  virtual ~MessageRepository() = default;

  // Durable when it returns: the message and its event, in one transaction. Sends that wait
  // together share one round trip.
  virtual awaitable<AppendOutcome> append(AppendRequest request) = 0;

  // Newest first. Nothing when `member` is not in the chat. Throws invalid_fields when the page
  // names a message that the chat does not have.
  virtual awaitable<std::optional<std::vector<Message>>> list(WorkspaceId workspace, UserId member,
                                                              ChatId chat, MessagePage page) = 0;
};

}  // namespace fechatter
