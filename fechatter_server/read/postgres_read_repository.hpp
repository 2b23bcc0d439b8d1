#pragma once

#include <vector>

#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/read_state.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// The outcome of reading. Only `done` may have changed something.
enum class ReadOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  no_such_message,
  beyond_end,  // the number is higher than that of the chat's newest message
};

struct MovedRead {
  ReadOutcome outcome = ReadOutcome::not_found;
  ReadState state;       // when done
  bool emitted = false;  // a MessageRead; a later one may be due
};

struct FoundReceipts {
  ReadOutcome outcome = ReadOutcome::not_found;
  std::vector<Receipt> receipts;  // when done, by user
};

inline bool wrote_event(const MovedRead& moved) {
  return moved.emitted;
}

// What members have read. No method locks a chat. Visibility, threads and errors as described at
// ChatRepository (repository/chat_repository.hpp).
class PostgresReadRepository {
 public:
  explicit PostgresReadRepository(EventfulDatabase& database) : database_{database} {}

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
};

}  // namespace fechatter::server
