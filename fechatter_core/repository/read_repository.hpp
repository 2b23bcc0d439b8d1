#pragma once

#include <optional>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/read_state.hpp"

namespace fechatter {

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

inline bool wrote_event(const MovedRead& moved) {
  return moved.emitted;
}

// What members have read. No method locks a chat. Visibility, threads and errors as described at
// ChatRepository (repository/chat_repository.hpp).
class ReadRepository {
 public:
  virtual ~ReadRepository() = default;

  // Moves the caller's number forward; one that is as high already is done.
  virtual awaitable<MovedRead> read(Caller caller, ChatId chat, ReadTarget target) = 0;
  // Moves it back to before that message; one that is as low already is done.
  virtual awaitable<MovedRead> unread(Caller caller, ChatId chat, MessageId message) = 0;
  // Of the caller's 2,000 most recently active chats, as the list of chats has them. One statement
  // that reads no message.
  virtual awaitable<std::vector<ReadState>> list(Caller caller) = 0;
};

}  // namespace fechatter
