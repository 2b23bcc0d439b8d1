#pragma once

#include "fechatter_server/read/postgres_read_repository.hpp"

namespace fechatter::server {

// What members have read. Any I/O thread. Throws chat_not_found for a chat that the caller is no
// member of, and invalid_fields for a message of another chat and a number beyond the chat's end.
class Reads {
 public:
  explicit Reads(PostgresReadRepository& repository) : repository_{repository} {}

  awaitable<ReadState> read(Caller caller, ChatId chat, ReadTarget target);
  // Up to a message that the path names: throws message_not_found for one of another chat.
  awaitable<ReadState> read_message(Caller caller, ChatId chat, MessageId message);
  awaitable<ReadState> unread(Caller caller, ChatId chat, MessageId message);
  awaitable<std::vector<ReadState>> list(Caller caller);
  // Throws message_not_found.
  awaitable<std::vector<Receipt>> receipts(Caller caller, ChatId chat, MessageId message);

 private:
  PostgresReadRepository& repository_;
};

}  // namespace fechatter::server
