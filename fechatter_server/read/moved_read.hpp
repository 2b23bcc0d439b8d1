#pragma once

#include "fechatter_core/model/read_state.hpp"

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

inline bool wrote_event(const MovedRead& moved) {
  return moved.emitted;
}

}  // namespace fechatter::server
