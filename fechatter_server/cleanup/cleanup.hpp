#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "fechatter_server/cleanup/chore.hpp"

namespace fechatter::server {

// The background cleanup, one chore for each kind of row: member-count events of large chats, their
// counts of reactions, read events that are due, chats of suspended owners, the messages, members
// and rows of deleted chats,
// expired event tickets, expired sessions, the texts of edited and deleted messages in events,
// words that no document of the search index has any more. The chores share a connection, with the
// counting of quotas alone, so that a slow one delays only the others.
class Cleanup {
 public:
  explicit Cleanup(EventfulDatabase& database, const CleanupSettings& settings = {});

  // Work elsewhere that check() reports like a chore: `failures` since its last success, from any
  // thread. Before check() is called.
  void report(const char* name, std::function<int()> failures);
  // Runs each chore on a strand of its own. Once.
  void start(asio::io_context& io);
  // The check of /health: throws an Error that names the chores that have failed three times in a
  // row. Any thread.
  awaitable<> check() const;

  const std::vector<std::unique_ptr<Chore>>& chores() const { return chores_; }

 private:
  struct Reported {
    const char* name;
    std::function<int()> failures;
  };

  std::vector<std::unique_ptr<Chore>> chores_;
  std::vector<Reported> reported_;
};

}  // namespace fechatter::server
