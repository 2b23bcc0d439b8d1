#pragma once

#include <functional>
#include <vector>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// Updates a RevokedSessions from the table `sessions`: a full read at start, then every 500 ms the
// sessions that were revoked in the last 10 s (commit order is not time order, hence the overlap).
// While the database is away the feed retries and the set stays as it is.
class RevocationFeed {
 public:
  // `on_revoked` is called with the sessions that are new to the set, on the feed's executor.
  RevocationFeed(Database& database, auth::RevokedSessions& revoked,
                 std::function<void(const std::vector<SessionId>&)> on_revoked = {});

  // The full read: the sessions whose tokens may still be valid. Throws what Database::run throws.
  awaitable<> load();
  // load(), then the poll. Never returns; ends with its executor. Spawn it detached.
  awaitable<> run();

 private:
  awaitable<> read(std::chrono::seconds window);

  Database& database_;
  auth::RevokedSessions& revoked_;
  std::function<void(const std::vector<SessionId>&)> on_revoked_;
};

}  // namespace fechatter::postgres
