#pragma once

#include <optional>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// How far a member has read a chat. The counts follow from numbers: the member's own messages and
// tombstones are not unread.
struct ReadState {
  ChatId chat_id;
  std::int64_t last_read_seq = 0;
  std::int64_t unread_count = 0;
  std::int64_t mention_count = 0;
};

// Up to which message: by its id, or by its number in the chat. Exactly one of them is there.
struct ReadTarget {
  std::optional<MessageId> message;
  std::optional<std::int64_t> seq;
};

// That a member has received, and perhaps read, a message.
struct Receipt {
  UserId user_id;
  Timestamp delivered_at;
  std::optional<Timestamp> read_at;  // nullopt: not read, or hidden
};

}  // namespace fechatter
