#pragma once

#include "fechatter_server/thread/postgres_thread_repository.hpp"

namespace fechatter::server {

// The rules of threads. Any I/O thread. All throw chat_not_found for a chat that the caller is no
// member of, message_not_found for a message that is not in it, and invalid_fields for a reply that
// is not in the thread.
class Threads {
 public:
  explicit Threads(PostgresThreadRepository& repository) : repository_{repository} {}

  awaitable<Thread> get(Caller caller, ChatId chat, MessageId message, ThreadPage page);
  awaitable<> follow(Caller caller, ChatId chat, MessageId message, bool following);
  awaitable<ThreadRead> read(Caller caller, ChatId chat, MessageId message, ThreadReadMove move);
  awaitable<FollowedThreads> list(Caller caller, std::optional<ThreadCursor> after,
                                  std::size_t limit);

 private:
  PostgresThreadRepository& repository_;
};

}  // namespace fechatter::server
