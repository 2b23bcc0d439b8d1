#include "fechatter_server/read/read_queue.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

constexpr ChatId read_chat{1};

// User 1 has sent ten messages to chat 1, which has users 1 to 3; user 4 is of another workspace.
class QueuedReads : public testing::Test {
 protected:
  QueuedReads() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('rival');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT CASE i WHEN 4 THEN 2 ELSE 1 END, 'user ' || i, i || '@test.example', 'x'"
        " FROM generate_series(1, 4) i;"
        "SELECT create_chat(1, 1, 'group', 'chat', '', ARRAY[1, 2, 3]::bigint[]);"
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " SELECT 1, 1, 1, s, 'x' FROM generate_series(1, 10) s;"
        "UPDATE chats SET last_seq = 10; DELETE FROM outbox");
  }
  ReadQueue::Outcome read(std::int64_t user, ReadTarget target) {
    const ReadRequest request{{WorkspaceId{user == 4 ? 2 : 1}, UserId{user}}, read_chat, target};
    return test::await(io, queue.read(request));
  }
  ReadOutcome outcome(std::int64_t user, ReadTarget target) {
    return read(user, target).value().outcome;
  }
  static ReadTarget seq(std::int64_t number) { return {std::nullopt, number}; }
  static ReadTarget id(std::int64_t number) { return {MessageId{number}, std::nullopt}; }
  std::int64_t events() {
    return database.number("SELECT count(*) FROM outbox WHERE type = 'MessageRead'");
  }

  test::TestDatabase database;
  asio::io_context io;
  ReadQueue queue{{database.url(), {}}, RelayWaker{}};
};

TEST_F(QueuedReads, MoveTheNumberForwardAndCount) {
  const auto moved = read(2, seq(4)).value();
  EXPECT_EQ(moved.outcome, ReadOutcome::done);
  EXPECT_TRUE(moved.emitted);
  EXPECT_EQ(moved.state.last_read_seq, 4);
  EXPECT_EQ(moved.state.unread_count, 6);
  const auto back = read(2, seq(1)).value();
  EXPECT_EQ(back.state.last_read_seq, 4);
  EXPECT_FALSE(back.emitted);
  EXPECT_EQ(read(2, id(10)).value().state.unread_count, 0);
}

TEST_F(QueuedReads, OfWhatIsNoneOfTheMembersAreRefused) {
  EXPECT_EQ(outcome(2, seq(11)), ReadOutcome::beyond_end);
  EXPECT_EQ(outcome(2, id(99)), ReadOutcome::no_such_message);
  EXPECT_EQ(outcome(4, seq(1)), ReadOutcome::not_found);
  EXPECT_EQ(outcome(9, seq(1)), ReadOutcome::not_found);
  EXPECT_EQ(events(), 0);
}

TEST_F(QueuedReads, OfALockedRowAreMadeAloneAndDelayNoOther) {
  postgres::Connection holder{database.owner_url()};
  holder.run_script("BEGIN");
  holder.run_script("SELECT FROM chat_members WHERE user_id = 2 FOR NO KEY UPDATE");
  EXPECT_FALSE(read(2, seq(4)));
  EXPECT_TRUE(read(3, seq(4)));
  holder.run_script("ROLLBACK");
  EXPECT_EQ(database.number("SELECT last_read_seq FROM chat_members WHERE user_id = 2"), 0);
}

TEST_F(QueuedReads, BetweenOwnMessagesAreMadeAlone) {
  database.query("UPDATE chat_members SET own_unread = 10 WHERE user_id = 1");
  EXPECT_FALSE(read(1, seq(4)));
  EXPECT_EQ(read(1, seq(10)).value().state.unread_count, 0);
}

TEST_F(QueuedReads, TheFirstOfASeriesEmitsAndTheOthersBecomeDue) {
  database.query("UPDATE chat_members SET read_event_at = now() + interval '1 hour'");
  for (int number = 1; number <= 3; ++number) EXPECT_FALSE(read(2, seq(number)).value().emitted);
  EXPECT_EQ(events(), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM due_read_events"), 1);
}

// All at once, of the same members, too.
TEST_F(QueuedReads, AreEachAnswered) {
  std::vector<std::int64_t> reached;
  const Executor strand{io.get_executor()};
  for (int number = 1; number <= 10; ++number) {
    for (const std::int64_t user : {2, 3}) {
      const ReadRequest request{{WorkspaceId{1}, UserId{user}}, read_chat, seq(number)};
      asio::co_spawn(strand, queue.read(request),
                     [&](std::exception_ptr error, ReadQueue::Outcome read) {
                       if (!error && read) reached.push_back(read->state.last_read_seq);
                     });
    }
  }
  io.run();
  EXPECT_EQ(reached.size(), 20U);
  EXPECT_EQ(database.number("SELECT sum(last_read_seq) FROM chat_members WHERE user_id > 1"), 20);
}

}  // namespace
}  // namespace fechatter::server
