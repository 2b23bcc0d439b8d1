#pragma once

#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/thread.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

enum class ThreadOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  no_such_message,
  no_such_reply,  // what the request names is not in the thread
};

struct FoundThread {
  ThreadOutcome outcome = ThreadOutcome::not_found;
  Thread thread;  // when done
};

struct ReadThread {
  ThreadOutcome outcome = ThreadOutcome::not_found;
  ThreadRead read;  // when done
};

inline bool wrote_event(ThreadOutcome outcome) {
  return outcome == ThreadOutcome::done;
}
inline bool wrote_event(const ReadThread& read) {
  return wrote_event(read.outcome);
}

// Threads. A thread is named by its root or by any message in it. Visibility, threads and errors as
// described at ChatRepository (repository/chat_repository.hpp).
class PostgresThreadRepository {
 public:
  explicit PostgresThreadRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<FoundThread> find(Caller caller, ChatId chat, MessageId message, ThreadPage page);
  // A change emits ThreadFollowUpdated to the caller's sessions.
  awaitable<ThreadOutcome> follow(Caller caller, ChatId chat, MessageId message, bool following);
  awaitable<ReadThread> read(Caller caller, ChatId chat, MessageId message, ThreadReadMove move);
  // Of the newest 5,000 threads that the caller follows, those with replies.
  awaitable<FollowedThreads> list(Caller caller, std::optional<ThreadCursor> after,
                                  std::size_t limit);

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
