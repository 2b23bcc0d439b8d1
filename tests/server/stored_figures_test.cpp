#include "fechatter_server/stored_figures.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// The figures are read with the rights of fechatter_server.
class StoredFiguresOfADatabase : public testing::Test {
 protected:
  StoredFiguresOfADatabase() {
    scratch.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@test.example', 'x' FROM generate_series(1, 5) i");
  }
  ~StoredFiguresOfADatabase() override {
    io.stop();
    if (thread.joinable()) thread.join();
  }
  void saw(int user, const std::string& ago) {
    scratch.query(
        "INSERT INTO user_presence (user_id, workspace_id, last_seen, away, said_at,"
        " stored_at) VALUES (" +
        std::to_string(user) + ", 1, now() - interval '" + ago + "', false, '-infinity', now())");
  }
  void read() {
    asio::co_spawn(Executor{io.get_executor()}, figures.run(), asio::detached);
    thread = std::thread{[this] { io.run(); }};
    ASSERT_TRUE(test::eventually([this] { return figures.backlog().has_value(); }));
  }

  test::TestDatabase scratch;
  asio::io_context io;
  postgres::Database database{{scratch.url(), "-c statement_timeout=900", 1, 16}};
  std::atomic<bool> holds = true;
  StoredFigures figures{database, [this] { return holds.load(); }};
  std::thread thread;
};

TEST_F(StoredFiguresOfADatabase, UsersCountInEachWindowInWhichTheyWereSeen) {
  saw(1, "1 hour");
  saw(2, "2 days");
  saw(3, "8 days");
  saw(4, "29 days");
  saw(5, "31 days");
  read();
  ASSERT_TRUE(test::eventually([this] { return figures.active_users().has_value(); }));
  const auto users = *figures.active_users();
  EXPECT_EQ(users.day, 1);
  EXPECT_EQ(users.week, 2);
  EXPECT_EQ(users.month, 4);
}

TEST_F(StoredFiguresOfADatabase, OnlyTheHolderOfTheLeaseKnowsTheUsers) {
  saw(1, "1 hour");
  read();
  ASSERT_TRUE(test::eventually([this] { return figures.active_users().has_value(); }));
  holds = false;
  EXPECT_FALSE(figures.active_users());
}

TEST_F(StoredFiguresOfADatabase, TheBacklogIsWhatWasNeverPublished) {
  scratch.add_events(3);
  read();
  EXPECT_EQ(figures.backlog()->pending, 3);
  EXPECT_GT(figures.backlog()->oldest_seconds, 0);
}

TEST_F(StoredFiguresOfADatabase, AnEmptyBacklogHasNoAge) {
  read();
  EXPECT_EQ(figures.backlog()->pending, 0);
  EXPECT_EQ(figures.backlog()->oldest_seconds, 0);
}

}  // namespace
}  // namespace fechatter::server
