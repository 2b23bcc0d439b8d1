#pragma once

#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/read_state.hpp"

namespace fechatter {

// What members have read. Any I/O thread. Throws chat_not_found for a chat that the caller is no
// member of, and invalid_fields for a message of another chat and a number beyond the chat's end.
class ReadService {
 public:
  virtual ~ReadService() = default;

  virtual awaitable<ReadState> read(Caller caller, ChatId chat, ReadTarget target) = 0;
  virtual awaitable<ReadState> unread(Caller caller, ChatId chat, MessageId message) = 0;
  virtual awaitable<std::vector<ReadState>> list(Caller caller) = 0;
};

}  // namespace fechatter
