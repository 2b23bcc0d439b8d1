#pragma once

#include <vector>

#include "fechatter_server/outbox/eventful_database.hpp"
#include "fechatter_server/read/read_queue.hpp"

namespace fechatter::server {

struct FoundReceipts {
  ReadOutcome outcome = ReadOutcome::not_found;
  std::vector<Receipt> receipts;  // when done, by user
};

// What members have read. No method locks a chat. Visibility, threads and errors as described at
// ChatRepository (repository/chat_repository.hpp).
class PostgresReadRepository {
 public:
  PostgresReadRepository(EventfulDatabase& database, ReadQueue& queue)
      : database_{database}, queue_{queue} {}

  // Moves the caller's number forward; one that is as high already is done.
  awaitable<MovedRead> read(Caller caller, ChatId chat, ReadTarget target);
  // Moves it back to before that message; one that is as low already is done.
  awaitable<MovedRead> unread(Caller caller, ChatId chat, MessageId message);
  // Of the caller's 2,000 most recently active chats, as the list of chats has them. One statement
  // that reads no message.
  awaitable<std::vector<ReadState>> list(Caller caller);

  // Of a message of the last 30 days, in a chat up to the fan-out member limit; without its sender.
  awaitable<FoundReceipts> receipts(Caller caller, ChatId chat, MessageId message);

 private:
  EventfulDatabase& database_;
  ReadQueue& queue_;
};

}  // namespace fechatter::server
