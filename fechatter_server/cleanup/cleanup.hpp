#pragma once

#include <memory>
#include <vector>

#include "fechatter_server/cleanup/chore.hpp"

namespace fechatter::server {

// The background cleanup, one chore for each kind of row: member-count events of large chats, chats
// of suspended owners, the messages, members and rows of deleted chats, expired event tickets,
// expired sessions. The chores share a connection, with the counting of quotas alone, so that a
// slow one delays only the others.
class Cleanup {
 public:
  explicit Cleanup(EventfulDatabase& database, const CleanupSettings& settings = {});

  // Runs each chore on a strand of its own. Once.
  void start(asio::io_context& io);
  // The check of /health: throws an Error that names the chores that have failed three times in a
  // row. Any thread.
  awaitable<> check() const;

  const std::vector<std::unique_ptr<Chore>>& chores() const { return chores_; }

 private:
  std::vector<std::unique_ptr<Chore>> chores_;
};

}  // namespace fechatter::server
