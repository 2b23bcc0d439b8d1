#include "fechatter_core/postgres/session_reads.hpp"

#include <gmock/gmock.h>

#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// As notify_server reads them, with its own role.
TEST(OpenSessions, AreThoseThatAreNeitherRevokedNorExpired) {
  test::TestDatabase database;
  database.query(
      "INSERT INTO workspaces (name) VALUES ('acme');"
      "INSERT INTO users (workspace_id, fullname, email, password_hash)"
      " VALUES (1, 'alice', 'alice@acme.example', 'x');"
      "INSERT INTO sessions (user_id, workspace_id, expires_at, revoked_at) VALUES"
      " (1, 1, '2100-01-01Z', NULL), (1, 1, '2100-01-01Z', now()), (1, 1, now(), NULL),"
      " (1, 1, '2100-01-02Z', NULL)");
  asio::io_context io;
  postgres::Database pool{{database.notify_url(), "", 1, 16}};
  const std::vector sessions{SessionId{1}, SessionId{2}, SessionId{3}, SessionId{999}};
  const auto open = test::await(io, postgres::read_open_sessions(pool, sessions));
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].id, SessionId{1});
  const std::chrono::sys_days expected{std::chrono::year{2100} / 1 / 1};
  EXPECT_EQ(open[0].expires_at, expected);
}

}  // namespace
}  // namespace fechatter::server
