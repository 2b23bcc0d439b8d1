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
  // The place of the only session's newest token, from 1; 0: none.
  std::int64_t place(const std::string& tokens) {
    return database.number("SELECT coalesce(place_of_only_session(ARRAY[" + tokens + "]), 0)");
  }
  std::int64_t lifetime(int token) {
    return database.number(
        fmt::format("SELECT extract(epoch FROM expires_at - clock_timestamp())::bigint"
                    " FROM refresh_tokens WHERE hash = sha256('{}')",
                    token));
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

TEST_F(UsedRefreshTokens, GetTheSameSuccessorUntilItWasUsed) {
  ASSERT_EQ(refresh(0), "rotated");
  for (int i = 0; i < 3; ++i) {
    a_minute_passes();
    EXPECT_EQ(refresh(0), "same_successor");
  }
  EXPECT_EQ(refresh(1), "rotated");
  EXPECT_EQ(refresh(0), "same_successor");  // requests of one browser may overtake each other
  a_minute_passes();
  EXPECT_EQ(refresh(1), "same_successor");
  EXPECT_EQ(refresh(0), "refused");
  EXPECT_TRUE(session_is_over());
}

TEST_F(UsedRefreshTokens, GiveTheirSuccessorTheLifeOfANewOne) {
  ASSERT_EQ(refresh(0), "rotated");
  database.query("UPDATE refresh_tokens SET expires_at = expires_at - interval '50 minutes'");
  EXPECT_LE(lifetime(1), 600);
  ASSERT_EQ(refresh(0), "same_successor");
  EXPECT_GE(lifetime(1), 3500);
  EXPECT_LE(lifetime(0), 600);
  database.query("UPDATE sessions SET expires_at = clock_timestamp() + interval '60 seconds'");
  ASSERT_EQ(refresh(0), "same_successor");
  EXPECT_LE(lifetime(1), 60);
}

TEST_F(UsedRefreshTokens, AreRefusedBeyondTheirOwnLifeWithoutEndingTheSession) {
  ASSERT_EQ(refresh(0), "rotated");
  database.query("UPDATE refresh_tokens SET expires_at = now() WHERE hash = sha256('0')");
  EXPECT_EQ(refresh(0), "refused");
  EXPECT_EQ(refresh(1), "rotated");
}

TEST_F(UsedRefreshTokens, WhoseSuccessorIsNewAreKeptHoweverOldTheyAre) {
  ASSERT_EQ(refresh(0), "rotated");
  a_minute_passes();
  for (int i = 1; i < 40; ++i) ASSERT_EQ(refresh(i), "rotated");
  EXPECT_EQ(refresh(0), "same_successor");
}

TEST_F(UsedRefreshTokens, OfOneSessionGiveThePlaceOfTheNewest) {
  database.query("SELECT open_session(1, sha256('other'), 3600, 86400)");
  EXPECT_EQ(place("sha256('0')"), 1);
  EXPECT_EQ(place("sha256('unknown'), sha256('0'), sha256('0')"), 2);
  EXPECT_EQ(place("sha256('0'), sha256('other')"), 0);
  EXPECT_EQ(place("sha256('unknown')"), 0);
  ASSERT_EQ(refresh(0), "rotated");
  EXPECT_EQ(place("sha256('0')"), 1);
  EXPECT_EQ(place("sha256('0'), sha256('1')"), 2);
  ASSERT_EQ(refresh(1), "rotated");
  a_minute_passes();
  EXPECT_EQ(place("sha256('0'), sha256('other')"), 2);  // a reuse is not a good one
  EXPECT_FALSE(session_is_over());
  database.query("UPDATE users SET status = 'suspended'");
  EXPECT_EQ(place("sha256('2')"), 0);
}

TEST_F(UsedRefreshTokens, OfTheLastTenSecondsAreAllKept) {
  for (int i = 0; i < 40; ++i) ASSERT_EQ(refresh(i), "rotated");
  EXPECT_EQ(used(), 40);
  EXPECT_EQ(refresh(0), "same_successor");
}

}  // namespace
}  // namespace fechatter::server
