#include "fechatter_server/cleanup/cleanup.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/error.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(SliceSize, IsHalvedDownToOneAndGrowsWithFastSlices) {
  SliceSize size{100};
  std::vector<int> sizes;
  for (int i = 0; i < 8; ++i) size.timed_out(), sizes.push_back(size.value());
  EXPECT_THAT(sizes, testing::ElementsAre(50, 25, 12, 6, 3, 1, 1, 1));
  size.done(30ms, 100ms);
  EXPECT_EQ(size.value(), 1);  // twice as much might time out
  sizes.clear();
  for (int i = 0; i < 8; ++i) size.done(20ms, 100ms), sizes.push_back(size.value());
  EXPECT_THAT(sizes, testing::ElementsAre(2, 4, 8, 16, 32, 64, 100, 100));
}

class CleanupTest : public testing::Test {
 protected:
  CleanupTest() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " VALUES (1, 'alice', 'alice@acme.example', 'x');"
        "INSERT INTO sessions (user_id, workspace_id, expires_at)"
        " VALUES (1, 1, now() + interval '1 day'), (1, 1, now() - interval '2 days');");
  }

  void add_expired_tickets(int count) {
    database.query(fmt::format(
        "INSERT INTO event_tickets (hash, user_id, workspace_id, session_id, token_expires_at,"
        " expires_at) SELECT sha256(i::text::bytea), 1, 1, 1, now(), now() - interval '1 minute'"
        " FROM generate_series(1, {}) i",
        count));
  }
  // From now on the statement runs for each row that is removed from the table.
  void at_each_removal_from(const std::string& table, const std::string& statement) {
    database.query(fmt::format(
        "CREATE FUNCTION at_removal() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN {}; RETURN OLD; END $$;"
        "CREATE TRIGGER at_removal BEFORE DELETE ON {} FOR EACH ROW EXECUTE FUNCTION at_removal()",
        statement, table));
  }
  std::int64_t count(const std::string& of) {
    return database.number("SELECT count(*) FROM " + of);
  }
  Chore& chore(std::string_view name) {
    for (const auto& one : cleanup.chores()) {
      if (one->name() == name) return *one;
    }
    throw std::runtime_error{"no such chore"};
  }
  milliseconds clean_up(Chore& one) { return test::await(io, one.clean_up()); }
  // What /health says of it; empty: it is healthy.
  std::string failure() {
    const auto check = [this]() -> awaitable<bool> {
      co_await cleanup.check();
      co_return true;
    };
    try {
      test::await(io, check());
      return {};
    } catch (const Error& error) {
      return error.what();
    }
  }

  const CleanupSettings settings{200ms, 64};
  test::TestDatabase database;
  asio::io_context io;
  postgres::Database pool{{database.url(), "-c statement_timeout=200", 1, 16}};
  EventfulDatabase changes{pool, RelayWaker{}};
  Cleanup cleanup{changes, settings};
};

TEST_F(CleanupTest, ASliceThatTimesOutIsHalvedUntilItFits) {
  add_expired_tickets(64);
  at_each_removal_from("event_tickets", "PERFORM pg_sleep(0.02)");
  auto& tickets = chore("event tickets");
  int slices = 0;
  while (count("event_tickets") > 0 && ++slices < 200) clean_up(tickets);
  EXPECT_EQ(count("event_tickets"), 0);
  EXPECT_EQ(tickets.failures(), 0);
  EXPECT_LE(tickets.slice(), 8);
}

TEST_F(CleanupTest, ASliceGrowsAgainWhenItIsFast) {
  add_expired_tickets(500);
  at_each_removal_from("event_tickets", "PERFORM pg_sleep(0.25)");
  auto& tickets = chore("event tickets");
  for (int i = 0; i < 7; ++i) clean_up(tickets);
  EXPECT_EQ(tickets.slice(), 1);
  EXPECT_EQ(tickets.failures(), 7);
  EXPECT_EQ(count("event_tickets"), 500);
  database.query("DROP TRIGGER at_removal ON event_tickets");
  while (clean_up(tickets) < 1s) {}
  EXPECT_EQ(count("event_tickets"), 0);
  EXPECT_EQ(tickets.slice(), 64);
}

TEST_F(CleanupTest, AFailingChoreIsReportedAndHoldsUpNoOther) {
  add_expired_tickets(10);
  at_each_removal_from("sessions", "RAISE 'the disk is on fire'");
  for (int i = 0; i < 2; ++i) {
    for (const auto& one : cleanup.chores()) clean_up(*one);
  }
  EXPECT_EQ(failure(), "");
  EXPECT_EQ(count("event_tickets"), 0);
  EXPECT_EQ(chore("sessions").slice(), 64);  // it did not take too long
  EXPECT_EQ(clean_up(chore("sessions")), 5s);
  EXPECT_EQ(failure(), "sessions: 3 failures in a row");
  database.query("DROP TRIGGER at_removal ON sessions");
  clean_up(chore("sessions"));
  EXPECT_EQ(failure(), "");
  EXPECT_EQ(count("sessions"), 1);
}

TEST_F(CleanupTest, WhatFormerMembersOfADeletedChatHadStoredIsRemovedInSlices) {
  database.query(
      "INSERT INTO users (workspace_id, fullname, email, password_hash)"
      " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(2, 101) i;"
      "SELECT create_chat(1, 1, 'group', 'chat', '', ARRAY[1, 2, 3]::bigint[]);"
      "INSERT INTO former_member_storage (chat_id, user_id, workspace_id, bytes)"
      " SELECT 1, id, 1, 10 FROM users WHERE id > 1;"
      "UPDATE chats SET deleted_at = now() - interval '9 days',"
      " erase_at = now() - interval '2 minutes'");
  auto& members = chore("deleted members");
  EXPECT_LT(clean_up(members), 1s);
  EXPECT_EQ(count("chat_members"), 0);
  EXPECT_EQ(count("former_member_storage"), 100 + 3 - members.slice());
  clean_up(chore("deleted chats"));
  EXPECT_EQ(count("chats"), 1);
  EXPECT_EQ(clean_up(members), 5s);
  clean_up(chore("deleted chats"));
  EXPECT_EQ(count("former_member_storage"), 0);
  EXPECT_EQ(count("chats"), 0);
}

TEST_F(CleanupTest, AFullSliceIsFollowedSoonByTheNext) {
  add_expired_tickets(100);
  auto& tickets = chore("event tickets");
  EXPECT_LT(clean_up(tickets), 1s);
  EXPECT_EQ(clean_up(tickets), 5s);
}

}  // namespace
}  // namespace fechatter::server
