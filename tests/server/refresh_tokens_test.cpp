#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// The used refresh tokens of one session. Token i is exchanged for token i + 1.
class UsedRefreshTokens : public testing::Test {
 protected:
  UsedRefreshTokens() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " VALUES (1, 'alice', 'alice@acme.example', 'x');"
        "SELECT open_session(1, sha256('0'), 3600, 86400)");
  }
  std::string refresh(int token) {
    const auto rows = database.query(fmt::format(
        "SELECT outcome FROM rotate_refresh_token(sha256('{}'), sha256('{}'), sha256('pad'), 3600)",
        token, token + 1));
    return rows[0][0].c_str();
  }
  void a_minute_passes() {
    database.query("UPDATE refresh_tokens SET used_at = used_at - interval '1 minute'");
  }
  std::int64_t used() {
    return database.number("SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL");
  }
  bool session_is_over() {
    return database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0;
  }

  test::TestDatabase database;
};

TEST_F(UsedRefreshTokens, AreCollapsedToTheLastFew) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(refresh(i), "rotated");
    a_minute_passes();
  }
  EXPECT_EQ(used(), 16);
  EXPECT_EQ(refresh(3), "refused");  // no longer known
  EXPECT_FALSE(session_is_over());
  EXPECT_EQ(refresh(40), "rotated");
}

TEST_F(UsedRefreshTokens, OfTheLastRefreshesStillShowATheft) {
  for (int i = 0; i < 40; ++i) {
    refresh(i);
    a_minute_passes();
  }
  EXPECT_EQ(refresh(30), "refused");
  EXPECT_TRUE(session_is_over());
  EXPECT_EQ(refresh(40), "refused");
}

TEST_F(UsedRefreshTokens, OfTheLastTenSecondsAreAllKept) {
  for (int i = 0; i < 40; ++i) ASSERT_EQ(refresh(i), "rotated");
  EXPECT_EQ(used(), 40);
  EXPECT_EQ(refresh(0), "same_successor");
}

}  // namespace
}  // namespace fechatter::server
