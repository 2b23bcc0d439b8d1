#include "fechatter_server/draft/scheduled_messages.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <future>
#include <nlohmann/json.hpp>
#include <set>

#include "fechatter_core/error.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;

constexpr Caller author{WorkspaceId{1}, UserId{1}};
constexpr ChatId lunch{1};

// What servers do to the same scheduled messages at the same time.
class ScheduledRows : public testing::Test {
 protected:
  ScheduledRows() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " VALUES (1, 'alice', 'alice@acme.example', 'x');"
        "SELECT create_chat(1, 1, 'private_channel', 'lunch', '', '{1}')");
  }
  ScheduledMessageId schedule(const std::string& text) {
    MessageDraft message;
    message.content = text;
    const auto tomorrow = now() + 24h;
    return test::await(io, scheduled.schedule(author, lunch, std::move(message), tomorrow)).id;
  }
  void make_all_due() {
    database.query(
        "UPDATE scheduled_messages SET send_at = now() - interval '1 minute',"
        " try_at = now() - interval '1 minute'");
  }
  std::vector<DueMessage> claim(int slice) { return test::await(io, scheduled.claim(slice, 60s)); }
  // An awaitable<> has no value to wait for.
  awaitable<bool> failed(ScheduledMessageId id) {
    const SendFailure failure{"chat.archived", "This chat is archived."};
    co_await scheduled.fail(id, failure);
    co_return true;
  }
  awaitable<bool> released(ScheduledMessageId id, int tries) {
    co_await scheduled.release(id, tries, 5s);
    co_return true;
  }
  std::int64_t count(const std::string& of) {
    return database.number("SELECT count(*) FROM " + of);
  }
  ErrorCode refusal_of_change(ScheduledMessageId id) {
    try {
      test::await(io, scheduled.change(author, id, {{"content", "changed"}}, now() + 24h));
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::count;
  }

  test::TestDatabase database;
  asio::io_context io;
  std::array<asio::io_context, 4> callers;  // of servers at the same time; outlive the pool
  postgres::Database pool{{database.url(), {}, 4, 100}};
  EventfulDatabase changes{pool, RelayWaker{}};
  StorageQuotas quotas{{}, pool};
  ScheduledMessages scheduled{changes, quotas};
};

TEST_F(ScheduledRows, AMessageThatIsNotDueIsNotClaimed) {
  schedule("later");
  EXPECT_TRUE(claim(10).empty());
}

TEST_F(ScheduledRows, EachDueMessageIsClaimedByOneServer) {
  for (int i = 0; i < 40; ++i) schedule("one of many");
  make_all_due();
  std::vector<std::future<std::vector<std::int64_t>>> servers;
  for (auto& own : callers) {
    servers.push_back(std::async(std::launch::async, [this, &own] {
      std::vector<std::int64_t> ids;
      for (int slice = 0; slice < 20; ++slice) {
        for (const auto& due : test::await(own, scheduled.claim(5, 60s))) {
          ids.push_back(due.scheduled.id.value);
        }
      }
      return ids;
    }));
  }
  std::multiset<std::int64_t> all;
  for (auto& server : servers) {
    for (const auto id : server.get()) all.insert(id);
  }
  EXPECT_EQ(all.size(), 40U);
  EXPECT_EQ(std::set<std::int64_t>(all.begin(), all.end()).size(), 40U);
}

TEST_F(ScheduledRows, AClaimThatIsNotSettledEndsAndTheNextOneHasTheSameKey) {
  schedule("once");
  make_all_due();
  const auto first = claim(10);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(claim(10).empty());
  database.query("UPDATE scheduled_messages SET try_at = now()");  // a minute later
  const auto second = claim(10);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].tries, 2);
  EXPECT_EQ(second[0].scheduled.message.idempotency_key,
            first[0].scheduled.message.idempotency_key);
  EXPECT_TRUE(first[0].scheduled.message.idempotency_key);
}

TEST_F(ScheduledRows, AMessageThatIsBeingChangedIsNotClaimed) {
  const auto id = schedule("old");
  make_all_due();
  postgres::Connection changer{database.url()};
  changer.run_script("BEGIN; SELECT FROM scheduled_messages FOR UPDATE");
  EXPECT_TRUE(claim(10).empty());
  changer.run_script(
      "UPDATE scheduled_messages SET send_at = now() + interval '1 hour',"
      " try_at = now() + interval '1 hour'; COMMIT");
  EXPECT_TRUE(claim(10).empty());
  EXPECT_EQ(refusal_of_change(id), ErrorCode::count);
}

TEST_F(ScheduledRows, ADueMessageChangesNoMoreUntilItHasFailed) {
  const auto id = schedule("due");
  make_all_due();
  EXPECT_EQ(refusal_of_change(id), ErrorCode::scheduled_being_sent);
  claim(10);
  EXPECT_EQ(refusal_of_change(id), ErrorCode::scheduled_being_sent);
  test::await(io, failed(id));
  EXPECT_EQ(refusal_of_change(id), ErrorCode::count);
  EXPECT_EQ(count("scheduled_messages WHERE failure_code IS NULL AND tries = 0"), 1);
}

TEST_F(ScheduledRows, AFailureIsReportedOnceAndNotClaimedAgain) {
  const auto id = schedule("refused");
  make_all_due();
  claim(10);
  for (int i = 0; i < 2; ++i) test::await(io, failed(id));
  EXPECT_EQ(count("outbox WHERE type = 'ScheduledMessageFailed'"), 1);
  EXPECT_TRUE(claim(10).empty());
}

TEST_F(ScheduledRows, AFailureOfWhatAnEarlierTryHasSentIsNone) {
  const auto id = schedule("sent");
  make_all_due();
  claim(10);
  database.query(
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, idempotency_key,"
      " request_hash) SELECT 1, 1, 1, 1, 'sent', scheduled_key(id), sha256('')"
      " FROM scheduled_messages");
  test::await(io, failed(id));
  EXPECT_EQ(count("scheduled_messages"), 0);
  EXPECT_EQ(count("outbox WHERE type = 'ScheduledMessageFailed'"), 0);
}

TEST_F(ScheduledRows, TheClaimOfATryEndsEarlyButNotThatOfALaterOne) {
  const auto id = schedule("tried");
  make_all_due();
  claim(10);
  test::await(io, released(id, 2));
  EXPECT_EQ(count("scheduled_messages WHERE try_at > now() + interval '50 seconds'"), 1);
  test::await(io, released(id, 1));
  EXPECT_EQ(count("scheduled_messages WHERE try_at < now() + interval '6 seconds'"), 1);
}

TEST_F(ScheduledRows, EverythingIsDeletedWithTheChatThatItHangsOn) {
  schedule("of the chat");
  database.query(
      "SELECT put_draft(1, 1, 1, '{\"content\": \"x\"}', 0);"
      "DELETE FROM chat_members; DELETE FROM chats");
  EXPECT_EQ(count("scheduled_messages"), 0);
  EXPECT_EQ(count("drafts"), 0);
}

}  // namespace
}  // namespace fechatter::server
