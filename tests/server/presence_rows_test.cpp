#include "fechatter_core/postgres/presence_rows.hpp"

#include <gmock/gmock.h>

#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::postgres {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr WorkspaceId acme{1};
constexpr UserId here{1};
constexpr UserId gone{2};
constexpr UserId stranger{3};

// The time of the test is real in PostgreSQL and simulated in the writer. As notify_server.
class PresenceRows : public testing::Test {
 public:
  PresenceRows() {
    scratch.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('globex');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT CASE i WHEN 3 THEN 2 ELSE 1 END, 'user ' || i, i || '@test.example', 'x'"
        " FROM generate_series(1, 3) i ORDER BY i");
    SteadyClock::simulate(&time);
  }
  ~PresenceRows() override { SteadyClock::simulate(nullptr); }
  PresenceRows(const PresenceRows&) = delete;
  PresenceRows& operator=(const PresenceRows&) = delete;

 protected:
  static Timestamp at(std::int64_t second) { return from_unix_micros(second * 1'000'000); }
  void store() { EXPECT_TRUE(test::await(io, writer.store_due())); }
  // Both clocks.
  void pass(std::chrono::seconds duration) {
    time += duration;
    scratch.query("UPDATE user_presence SET stored_at = stored_at - interval '" +
                  std::to_string(duration.count()) + " seconds'");
  }
  std::optional<Timestamp> last_seen(UserId user) {
    const auto rows = test::await(io, read_last_seen(database, acme, {user}));
    return rows.empty() ? std::nullopt : rows[0].last_seen;
  }
  bool is_away(UserId user) {
    const auto rows = test::await(io, read_said(database, {user}));
    return !rows.empty() && rows[0].away;
  }

  test::TestDatabase scratch;
  asio::io_context io;
  SteadyClock::time_point time = std::chrono::steady_clock::now();
  Database database{{scratch.notify_url(), "", 1, 16}};
  PresenceWriter writer{database};
};

TEST_F(PresenceRows, TheFirstNoteIsStoredAtOnceAndTheNextOnesTogetherAMinuteAndAHalfLater) {
  writer.note_seen(here, at(1));
  store();
  EXPECT_EQ(last_seen(here), at(1));
  writer.note_seen(here, at(2));
  writer.note_seen(here, at(3));
  pass(89s);
  store();
  EXPECT_EQ(last_seen(here), at(1));
  pass(1s);
  store();
  EXPECT_EQ(last_seen(here), at(3));
}

TEST_F(PresenceRows, AllInstancesTogetherStoreOnceAMinute) {
  PresenceWriter other{database};
  writer.note_seen(here, at(1));
  store();
  other.note_said(here, true, at(2));
  EXPECT_TRUE(test::await(io, other.store_due()));
  EXPECT_FALSE(is_away(here));
  pass(60s);
  EXPECT_TRUE(test::await(io, other.store_due()));  // was put back
  EXPECT_TRUE(is_away(here));
  EXPECT_EQ(last_seen(here), at(2));
}

TEST_F(PresenceRows, TheLaterWordCounts) {
  writer.note_said(here, false, at(9));
  writer.note_said(here, true, at(8));
  store();
  EXPECT_FALSE(is_away(here));
  pass(60s);
  writer.note_said(here, true, at(7));
  store();
  EXPECT_FALSE(is_away(here));
  pass(90s);
  writer.note_seen(here, at(20));  // says nothing
  store();
  pass(90s);
  writer.note_said(here, true, at(21));
  store();
  EXPECT_TRUE(is_away(here));
}

TEST_F(PresenceRows, LastSeenIsNeitherInTheFutureNorGoesBack) {
  writer.note_seen(here, now() + 1h);
  store();
  EXPECT_LE(last_seen(here), now());
  pass(90s);
  writer.note_seen(here, at(1));
  store();
  EXPECT_GT(last_seen(here), at(1));
}

TEST_F(PresenceRows, UsersThatDoNotExistAreLeftOut) {
  writer.note_seen(UserId{99}, at(1));
  writer.note_seen(here, at(1));
  store();
  EXPECT_EQ(scratch.number("SELECT count(*) FROM user_presence"), 1);
}

TEST_F(PresenceRows, AWorkspaceSeesItsOwnUsers) {
  const auto rows = test::await(io, read_last_seen(database, acme, {here, gone, stranger}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].user_id, here);
  EXPECT_EQ(rows[1].user_id, gone);
}

TEST_F(PresenceRows, AreDeletedWithTheirUser) {
  writer.note_seen(stranger, at(1));
  store();
  scratch.query("DELETE FROM users WHERE id = 3");
  EXPECT_EQ(scratch.number("SELECT count(*) FROM user_presence"), 0);
}

TEST_F(PresenceRows, AUserThatHasSaidNothingIsNotRead) {
  writer.note_seen(here, at(1));
  store();
  EXPECT_THAT(test::await(io, read_said(database, {here, gone})), IsEmpty());
}

}  // namespace
}  // namespace fechatter::postgres
