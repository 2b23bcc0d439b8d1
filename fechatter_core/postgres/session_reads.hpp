#pragma once

#include <chrono>
#include <vector>

#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

struct OpenSession {
  SessionId id;
  std::chrono::sys_seconds expires_at;  // whatever its tokens say
};

// Those of the sessions that are neither revoked nor expired, in one statement. Throws what
// Database::run throws.
awaitable<std::vector<OpenSession>> read_open_sessions(Database& database,
                                                       std::vector<SessionId> sessions);

}  // namespace fechatter::postgres
