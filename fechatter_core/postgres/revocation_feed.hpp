#pragma once

#include <functional>
#include <vector>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// Keeps a RevokedSessions true to the table `sessions`: everything at start, then every 500 ms what
// was revoked in the last 10 s (commit order is not time order, hence the overlap). While the
// database is away it keeps trying and the set stays as it was.
class RevocationFeed {
 public:
  // `on_revoked` is called with sessions that were not known before, on the feed's executor.
  RevocationFeed(Database& database, auth::RevokedSessions& revoked,
                 std::function<void(const std::vector<SessionId>&)> on_revoked = {});

  // Reads the whole life of a token. Throws what Database::run throws.
  awaitable<> load();
  // load(), then the poll; returns never, ends with its executor. Spawn it detached.
  awaitable<> run();

 private:
  awaitable<> read(std::chrono::seconds window);

  Database& database_;
  auth::RevokedSessions& revoked_;
  std::function<void(const std::vector<SessionId>&)> on_revoked_;
};

}  // namespace fechatter::postgres
