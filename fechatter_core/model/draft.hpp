#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/message.hpp"

namespace fechatter {

// The message that a user is writing in a chat: content, files and reply_to. Empty: there is none.
struct Draft {
  ChatId chat_id;
  MessageDraft message;
  std::int64_t version = 0;  // raised by each change, also by the end of the draft; 0: never one
  std::optional<Timestamp> updated_at;
};

// A page of a user's drafts, the newest first.
struct DraftList {
  std::vector<Draft> drafts;
  std::optional<std::int64_t> next;  // the version before which the next page begins
};

using ScheduledMessageId = Id<struct ScheduledMessageTag>;

// Why a scheduled message was not sent, as a problem says it.
struct SendFailure {
  std::string code;
  std::string detail;
};

// A message that waits for its time, with its idempotency key.
struct ScheduledMessage {
  ScheduledMessageId id;
  Caller sender;
  ChatId chat_id;
  MessageDraft message;
  Timestamp send_at;
  Timestamp created_at;
  std::optional<SendFailure> failure;  // it waits for its user then
};

// A page of a user's scheduled messages, by id.
struct ScheduledMessageList {
  std::vector<ScheduledMessage> messages;
  std::optional<ScheduledMessageId> next;  // after which the next page begins
};

}  // namespace fechatter
