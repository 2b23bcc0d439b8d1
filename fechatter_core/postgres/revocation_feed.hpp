#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <vector>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// Updates a RevokedSessions from the table `sessions`: a full read at start, then every 500 ms the
// sessions that were revoked in the last 10 s (commit order is not time order, hence the overlap).
// While the database is away the feed retries and the set stays as it is; the first failure of a
// row, and the recovery, are logged.
class RevocationFeed {
 public:
  // `on_revoked` is called with the sessions that are new to the set, on the feed's executor.
  RevocationFeed(Database& database, auth::RevokedSessions& revoked,
                 std::function<void(const std::vector<SessionId>&)> on_revoked = {});

  // The full read: the sessions whose tokens may still be valid. Throws what Database::run throws.
  awaitable<> load();
  // load(), then the poll. Never returns; ends with its executor. Spawn it detached.
  awaitable<> run();

  // Throws Error{database_unavailable} until a full read has succeeded: without it, a token of a
  // revoked session would be accepted. Any thread.
  void require_loaded() const;
  // The check of /health: throws an Error that says so when the last three reads have failed. Any
  // thread.
  awaitable<> check() const;

 private:
  awaitable<> read(std::chrono::seconds window);
  void note_failure(const std::exception& error);
  void note_success();

  Database& database_;
  auth::RevokedSessions& revoked_;
  std::function<void(const std::vector<SessionId>&)> on_revoked_;
  std::atomic<bool> loaded_{false};
  std::atomic<int> failures_{0};  // in a row
};

// Waits for a load() that was spawned with asio::use_future, and logs that the start goes on
// without it when it fails or the deadline comes first: the feed tries again.
void wait_at_start(std::future<void> loading, std::chrono::steady_clock::time_point deadline);

}  // namespace fechatter::postgres
