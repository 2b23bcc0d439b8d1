#include "fechatter_server/draft/scheduled_sender.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "fechatter_core/error.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Sends nothing; what a message says ends it.
class Outlet final : public MessageService {
 public:
  awaitable<SentMessage> send(Caller, ChatId, MessageDraft draft, TraceContext) override {
    tried.push_back(draft.content);
    if (draft.content == "busy") throw Error{ErrorCode::chat_busy, "Busy."};
    if (draft.content == "archived") throw Error{ErrorCode::chat_archived, "Archived."};
    if (draft.content == "raw") throw pqxx::sql_error{"something that no code names"};
    if (draft.content == "waits for other") {
      for (int turn = 0; turn < 1000 && std::ranges::count(tried, "other") == 0; ++turn) {
        const auto executor = co_await asio::this_coro::executor;
        const asio::use_awaitable_t<Executor> token;
        co_await asio::post(executor, token);
      }
    }
    ended.push_back(draft.content);
    co_return SentMessage{};
  }
  awaitable<Message> edit(Caller, ChatId, MessageId, MessageEdit) override { return unused(); }
  awaitable<> remove(Caller, ChatId, MessageId) override { throw std::logic_error{"unused"}; }
  awaitable<EditList> history(Caller, ChatId, MessageId, KeyPage) override {
    throw std::logic_error{"unused"};
  }
  awaitable<Message> get(Caller, ChatId, MessageId) override { return unused(); }
  awaitable<MessageList> list(Caller, ChatId, MessagePage) override {
    throw std::logic_error{"unused"};
  }

  std::vector<std::string> tried;
  std::vector<std::string> ended;

 private:
  static awaitable<Message> unused() { throw std::logic_error{"unused"}; }
};

class SenderOfScheduled : public testing::Test {
 protected:
  SenderOfScheduled() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " VALUES (1, 'alice', 'alice@acme.example', 'x');"
        "SELECT create_chat(1, 1, 'private_channel', 'one', '', '{1}');"
        "SELECT create_chat(1, 1, 'private_channel', 'two', '', '{1}')");
  }
  // Each is due, the former ones earlier.
  void are_due(std::int64_t chat, const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      database.query(
          fmt::format("INSERT INTO scheduled_messages (workspace_id, chat_id, user_id, body,"
                      " send_at, try_at) SELECT 1, {}, 1, json_build_object('content', '{}'), t, t"
                      " FROM (SELECT clock_timestamp() - interval '1 minute' AS t) one",
                      chat, text));
    }
  }
  void sends_due() { test::await(io, sender.send_due()); }
  void all_are_due_again() {
    database.query("UPDATE scheduled_messages SET try_at = now() - interval '1 second'");
  }
  std::int64_t count(const std::string& of) {
    return database.number("SELECT count(*) FROM " + of);
  }

  test::TestDatabase database;
  asio::io_context io;
  postgres::Database pool{{database.url(), {}, 1, 100}};
  EventfulDatabase changes{pool, RelayWaker{}};
  StorageQuotas quotas{{}, pool};
  ScheduledMessages scheduled{changes, quotas};
  Outlet outlet;
  ScheduledSender sender{scheduled, outlet};
};

TEST_F(SenderOfScheduled, AnErrorOfOneMessageLeavesOutNoOther) {
  are_due(1, {"raw", "busy", "archived", "fine"});
  sends_due();
  EXPECT_THAT(outlet.tried, ElementsAre("raw", "busy", "archived", "fine"));
  EXPECT_EQ(count("scheduled_messages WHERE failure_code IS NULL"), 2);
  EXPECT_EQ(count("scheduled_messages WHERE failure_code = 'chat.archived'"), 1);
}

TEST_F(SenderOfScheduled, WhatAnErrorEndsIsDueAgainSoonThenLater) {
  are_due(1, {"raw", "busy"});
  sends_due();
  EXPECT_EQ(count("scheduled_messages WHERE try_at < clock_timestamp() + interval '3 seconds'"), 2);
  database.query("UPDATE scheduled_messages SET tries = 4");
  all_are_due_again();
  sends_due();
  EXPECT_EQ(count("scheduled_messages WHERE try_at > clock_timestamp() + interval '20 seconds'"
                  " AND try_at < clock_timestamp() + interval '33 seconds'"),
            2);
}

TEST_F(SenderOfScheduled, AMessageFailsAfterTheLastTryWhateverTheErrorIs) {
  are_due(1, {"raw", "busy"});
  database.query("UPDATE scheduled_messages SET tries = 99");
  sends_due();
  EXPECT_EQ(count("scheduled_messages WHERE failure_code = 'server.internal'"), 2);
  EXPECT_EQ(count("outbox WHERE type = 'ScheduledMessageFailed'"), 2);
}

TEST_F(SenderOfScheduled, ARowThatCannotBeReadFailsAlone) {
  are_due(1, {"unreadable", "fine"});
  database.query(
      "UPDATE scheduled_messages SET body = '{\"content\": 5}'"
      " WHERE body->>'content' = 'unreadable'");
  sends_due();
  EXPECT_THAT(outlet.tried, ElementsAre("fine"));
  EXPECT_EQ(count("scheduled_messages WHERE failure_code = 'server.internal'"), 1);
  const Caller alice{WorkspaceId{1}, UserId{1}};
  const auto list = test::await(io, scheduled.list(alice, ScheduledMessageId{}, 10));
  ASSERT_EQ(list.messages.size(), 1U);
  EXPECT_TRUE(list.messages[0].failure);
}

TEST_F(SenderOfScheduled, FailuresEndWithASliceThatHasNone) {
  are_due(1, {"raw", "fine"});
  sends_due();
  EXPECT_EQ(sender.failures(), 1);
  sends_due();  // nothing is due
  EXPECT_EQ(sender.failures(), 1);
  are_due(1, {"fine"});
  all_are_due_again();
  sends_due();
  EXPECT_EQ(sender.failures(), 2);
  database.query("DELETE FROM scheduled_messages");
  are_due(1, {"fine"});
  sends_due();
  EXPECT_EQ(sender.failures(), 0);
}

TEST_F(SenderOfScheduled, FailuresOfTheDatabaseEndWithAClaimThatFindsNothing) {
  database.query("ALTER TABLE scheduled_messages RENAME TO elsewhere");
  sends_due();
  EXPECT_EQ(sender.failures(), 1);
  database.query("ALTER TABLE elsewhere RENAME TO scheduled_messages");
  sends_due();
  EXPECT_EQ(sender.failures(), 0);
}

TEST_F(SenderOfScheduled, AChatDoesNotWaitForAnother) {
  are_due(1, {"waits for other", "behind it"});
  are_due(2, {"other"});
  sends_due();
  EXPECT_THAT(outlet.ended, ElementsAre("other", "waits for other", "behind it"));
  EXPECT_EQ(count("scheduled_messages"), 0);
}

}  // namespace
}  // namespace fechatter::server
