#pragma once

#include <functional>

#include "fechatter_core/postgres/database.hpp"

namespace fechatter::server {

// Does what is left to do behind the requests, every 5 s and in slices: removes the messages of
// deleted chats, expired tickets and sessions, and tells the new count of members of large chats.
// Every instance runs one; what one has locked, the others pass over.
class ChatCleanup {
 public:
  // `committed` is called after each round, since it may have written events.
  ChatCleanup(postgres::Database& database, std::function<void()> committed)
      : database_{database}, committed_{std::move(committed)} {}

  // Returns never, ends with its executor. Spawn it detached.
  awaitable<> run();
  // One slice. True when there is more to do at once. Throws what Database::run throws.
  awaitable<bool> tend();

 private:
  postgres::Database& database_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
