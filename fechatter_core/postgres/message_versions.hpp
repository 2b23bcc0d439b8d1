#pragma once

#include <vector>

#include "fechatter_core/model/message_key.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

struct MessageVersion {
  MessageKey message;
  std::int64_t version = 0;
};

// The present versions of those messages that exist, in one statement; nothing of their content is
// read. Throws what Database::run throws.
awaitable<std::vector<MessageVersion>> read_message_versions(Database& database,
                                                             std::vector<MessageKey> messages);

}  // namespace fechatter::postgres
