#include "fechatter_core/postgres/session_reads.hpp"

namespace fechatter::postgres {
namespace {

// notify_server's role may read these three columns of sessions.
const Statement select_open{"select_open_sessions",
                            "SELECT s.id, extract(epoch FROM s.expires_at)::bigint FROM sessions s"
                            " WHERE s.id = ANY ($1) AND s.revoked_at IS NULL"
                            " AND s.expires_at > clock_timestamp()"};

std::vector<OpenSession> read(Connection& connection, const std::vector<SessionId>& sessions) {
  std::vector<OpenSession> open;
  for (const auto& row : connection.run(select_open, sessions)) {
    const std::chrono::seconds expires_at{row[1].as<std::int64_t>()};
    open.push_back({SessionId{row[0].as<std::int64_t>()}, std::chrono::sys_seconds{expires_at}});
  }
  return open;
}

}  // namespace

awaitable<std::vector<OpenSession>> read_open_sessions(Database& database,
                                                       std::vector<SessionId> sessions) {
  auto reading = database.run([sessions = std::move(sessions)](Connection& connection) {
    return read(connection, sessions);
  });
  co_return co_await std::move(reading);
}

}  // namespace fechatter::postgres
