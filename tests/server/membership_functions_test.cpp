#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

// What hangs on a membership, while it begins and ends. Users 1, 2 and 3 are in chat 1.
class MembershipFunctions : public testing::Test {
 protected:
  MembershipFunctions() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, fullname_key, email, password_hash)"
        " SELECT 1, 'user ' || i, 'user ' || i, i || '@acme.example', 'x'"
        " FROM generate_series(1, 4) i;"
        "SELECT create_chat(1, 1, 'private_channel', 'chat', '', ARRAY[1, 2, 3]::bigint[]);"
        "DELETE FROM outbox");
  }

  std::string text(const std::string& selected) {
    return database.query("SELECT " + selected)[0][0].as<std::string>("");
  }
  void run(const std::string& selected) { database.query("SELECT " + selected); }
  std::int64_t count(const std::string& of) {
    return database.number("SELECT count(*) FROM " + of);
  }
  static std::string request(int ord, int sender, const std::string& more) {
    return fmt::format(
        R"('{{"ord": {}, "workspace_id": 1, "chat_id": 1, "sender_id": {}, "content": "x",)"
        R"( "files": [], "mentions": []}}'::jsonb || '{}')",
        ord, sender, more);
  }
  // Returns the message. `more`: further fields of the request.
  std::int64_t sends(int sender, const std::string& more = "{}") {
    return database.number(
        fmt::format("SELECT (message).id FROM append_messages(jsonb_build_array({})::json, true)",
                    request(1, sender, more)));
  }
  std::string read_by(std::int64_t message, int member) {
    return text(
        fmt::format("coalesce((SELECT read_at::text FROM message_receipts(1, 1, 1, {})"
                    " WHERE user_id = {}), '')",
                    message, member));
  }
  // Does `first` in a transaction, begins `second`, which has to wait for it, and commits.
  void in_turn(const std::string& first, const std::string& second) {
    postgres::Connection holder{database.owner_url()};
    holder.run_script("BEGIN");
    holder.run_script("SELECT " + first);
    auto other = std::async(std::launch::async, [&] {
      postgres::Connection connection{database.url()};
      connection.run_script("SELECT " + second);
    });
    EXPECT_TRUE(test::eventually([this] { return count("pg_locks WHERE NOT granted") > 0; },
                                 std::chrono::seconds{5}));
    holder.run_script("COMMIT");
    other.get();
  }

  test::TestDatabase database;
};

TEST_F(MembershipFunctions, AMembershipThatIsMadeMeanwhileHidesReadsToo) {
  in_turn("set_preferences(1, 4, NULL, false, NULL)", "add_chat_members(1, 1, 1, '{4}', 100, 100)");
  EXPECT_EQ(count("chat_members WHERE user_id = 4 AND hides_read"), 1);
  in_turn("create_chat(1, 1, 'private_channel', 'next', '', '{1, 2}')",
          "set_preferences(1, 2, NULL, false, NULL)");
  EXPECT_EQ(count("chat_members WHERE user_id = 2 AND hides_read"), 2);
}

// As append_messages does, which would wait in a circle with it otherwise.
TEST_F(MembershipFunctions, APreferenceLocksTheMembershipsInTheOrderOfTheirChats) {
  run("create_chat(1, 1, 'private_channel', 'next', '', '{1}')");
  database.query(
      "UPDATE chat_members SET read_event_at = now() WHERE chat_id = 1;"  // now behind chat 2
      "ANALYZE chat_members");
  postgres::Connection holder{database.owner_url()};
  holder.run_script("BEGIN; SELECT FROM chat_members WHERE chat_id = 1 FOR NO KEY UPDATE");
  auto preference = std::async(std::launch::async, [&] {
    postgres::Connection connection{database.url()};
    connection.run_script("SELECT set_preferences(1, 1, NULL, false, NULL)");
  });
  EXPECT_TRUE(test::eventually([this] { return count("pg_locks WHERE NOT granted") > 0; }));
  postgres::Connection other{database.owner_url()};
  other.run_script("SELECT FROM chat_members WHERE chat_id = 2 FOR NO KEY UPDATE NOWAIT");
  holder.run_script("COMMIT");
  preference.get();
  EXPECT_EQ(count("chat_members WHERE user_id = 1 AND hides_read"), 2);
}

TEST_F(MembershipFunctions, AReceiptStaysWhenItsMemberMarksTheChatAsUnread) {
  const auto message = sends(1);
  sends(2);
  const auto before = read_by(message, 2);
  EXPECT_NE(before, "");
  run(fmt::format("unread_chat(1, 2, 1, {})", message));
  EXPECT_EQ(read_by(message, 2), before);
}

TEST_F(MembershipFunctions, WhatWasReadWhileItWasHiddenIsNotShownLater) {
  const auto message = sends(1);
  run("set_preferences(1, 2, NULL, false, NULL)");
  run("read_chat(1, 2, 1, NULL, 1)");
  run("set_preferences(1, 2, NULL, true, NULL)");
  EXPECT_EQ(read_by(message, 2), "");
  const auto next = sends(1);
  run("read_chat(1, 2, 1, NULL, 2)");
  EXPECT_NE(read_by(next, 2), "");
}

TEST_F(MembershipFunctions, AMemberHasNotReadWhatWasThereBefore) {
  const auto before = sends(1);
  run("add_chat_members(1, 1, 1, '{4}', 100, 100)");
  const auto after = sends(1);
  run("read_chat(1, 4, 1, NULL, 2)");
  EXPECT_EQ(read_by(before, 4), "");
  EXPECT_NE(read_by(after, 4), "");
}

TEST_F(MembershipFunctions, ADeliveryToAMemberThatLeavesLosesNoOther) {
  sends(1);
  postgres::Connection leaving{database.owner_url()};
  leaving.run_script("BEGIN");
  leaving.run_script("SELECT leave_chat(1, 2, 1, 100)");
  postgres::Connection storing{database.url()};
  const auto stored = storing.run_script(
      "SET statement_timeout = '5s'; SELECT store_deliveries('[{\"chat_id\": 1, \"user_id\": 2,"
      " \"seq\": 1, \"at\": 1}, {\"chat_id\": 1, \"user_id\": 3, \"seq\": 1, \"at\": 1}]')");
  EXPECT_EQ(stored[0][0].as<int>(), 1);
  leaving.run_script("COMMIT");
  EXPECT_EQ(count("chat_receipts WHERE user_id = 3"), 1);
}

TEST_F(MembershipFunctions, PreferencesThatStayAsTheyWereEmitNothing) {
  run("set_chat_preferences(1, 1, 1, NULL, true, false)");
  EXPECT_EQ(count("outbox WHERE type = 'PreferencesUpdated'"), 1);
  run("set_chat_preferences(1, 1, 1, NULL, true, false)");
  EXPECT_EQ(count("outbox WHERE type = 'PreferencesUpdated'"), 1);
}

TEST_F(MembershipFunctions, AHiddenChatIsShownAgainByTheNextMessageOfItsListOnly) {
  const auto root = sends(2);
  run("set_chat_preferences(1, 1, 1, NULL, NULL, true)");
  sends(2, fmt::format(R"({{"reply_to": {}, "also_to_chat": false}})", root));
  EXPECT_EQ(text("hidden FROM chat_preferences_of(1, 1, 1)"), "t");
  sends(2);
  EXPECT_EQ(text("hidden FROM chat_preferences_of(1, 1, 1)"), "f");
}

TEST_F(MembershipFunctions, SavedMessagesAndFollowedThreadsEndWithIt) {
  const auto root = sends(1);
  sends(2, fmt::format(R"({{"reply_to": {}}})", root));
  EXPECT_EQ(text(fmt::format("set_saved(1, 2, {}, true, 10)", root)), "done");
  EXPECT_EQ(count("thread_follows WHERE user_id = 2"), 1);
  run("leave_chat(1, 2, 1, 100)");
  EXPECT_EQ(count("saved_messages"), 0);
  EXPECT_EQ(count("thread_follows WHERE user_id = 2"), 0);
}

TEST_F(MembershipFunctions, ANumberOfAThreadNeverMovesBackByALaterReadOfLess) {
  const auto root = sends(1);
  sends(2, fmt::format(R"({{"reply_to": {}}})", root));
  sends(3, fmt::format(R"({{"reply_to": {}}})", root));
  in_turn(fmt::format("set_thread_follow(1, 1, 1, {}, NULL, 3, false)", root),
          fmt::format("set_thread_follow(1, 1, 1, {}, NULL, 2, false)", root));
  EXPECT_EQ(text("last_read_seq FROM thread_follows WHERE user_id = 1"), "3");
}

TEST_F(MembershipFunctions, AnEditMayRepeatTheMentionOfAFormerMemberAndNameNoOther) {
  const auto message = sends(1, R"({"mentions": [2]})");
  run("leave_chat(1, 2, 1, 100)");
  const auto edits = [&](int named) {
    return text(
        fmt::format("outcome FROM edit_message(1, 1, 1, {}, 'to {}', true, ARRAY[{}]"
                    "::bigint[], '[]', false)",
                    message, named, named));
  };
  EXPECT_EQ(edits(2), "done");
  EXPECT_EQ(edits(4), "mention_outside");
}

TEST_F(MembershipFunctions, AMentionOfBeforeIsReadAfterJoiningAgain) {
  const auto root = sends(1);
  sends(1, fmt::format(R"({{"reply_to": {}, "also_to_chat": false, "mentions": [2]}})", root));
  const auto unread = [this] { return count("newest_thread_mentions(1, 2, NULL, 10)"); };
  EXPECT_EQ(unread(), 1);
  run("leave_chat(1, 2, 1, 100)");
  run("add_chat_members(1, 1, 1, '{2}', 100, 100)");
  EXPECT_EQ(unread(), 0);
}

TEST_F(MembershipFunctions, AFormerMemberLearnsNothingOfTheChatByChangingAScheduledMessage) {
  const auto message = sends(1);
  run("schedule_message(1, 2, 1, '{\"content\": \"x\", \"files\": [], \"mentions\": []}',"
      " unix_micros(now() + interval '1 hour'), 100)");
  run("leave_chat(1, 2, 1, 100)");
  for (const auto answered : {message, message + 1000}) {
    EXPECT_EQ(text(fmt::format("outcome FROM change_scheduled(1, 2, 1, '{{\"reply_to\": {}}}',"
                               " NULL, 1000, 100)",
                               answered)),
              "not_found");
  }
}

TEST_F(MembershipFunctions, OfItsMessagesThatFailedTheNewestHundredStayAndCountNowhere) {
  const auto* schedule =
      "outcome FROM schedule_message(1, 2, 1, '{\"content\": \"x\", \"files\": [],"
      " \"mentions\": []}', unix_micros(now() + interval '1 hour'), 1)";
  for (int i = 1; i <= 102; ++i) {
    ASSERT_EQ(text(schedule), "done");
    run(fmt::format("fail_scheduled({}, 'chat.archived', 'archived')", i));
  }
  EXPECT_EQ(count("scheduled_messages"), 100);
  EXPECT_EQ(database.number("SELECT min(id) FROM scheduled_messages"), 3);
  EXPECT_EQ(text(schedule), "done");
  EXPECT_EQ(text(schedule), "full");
  // One that has failed counts when it is to be sent again.
  EXPECT_EQ(text("outcome FROM change_scheduled(1, 2, 50, '{}',"
                 " unix_micros(now() + interval '1 hour'), 1000, 1)"),
            "full");
}

TEST_F(MembershipFunctions, AReplyOfABatchWithANewMemberIsCounted) {
  const auto root = sends(1);
  in_turn(
      "add_chat_members(1, 1, 1, '{4}', 100, 100)",
      fmt::format("* FROM append_messages(jsonb_build_array({}, {})::json, true)",
                  request(1, 1, "{}"), request(2, 4, fmt::format(R"({{"reply_to": {}}})", root))));
  EXPECT_EQ(count("threads WHERE reply_count = 1"), 1);
}

TEST_F(MembershipFunctions, DraftsAndScheduledMessagesOfADeletedChatAreErasedWithItsMessages) {
  sends(1);
  run("put_draft(1, 1, 1, '{\"content\": \"x\"}', 0)");
  run("schedule_message(1, 1, 1, '{\"content\": \"x\", \"files\": [], \"mentions\": []}',"
      " unix_micros(now() + interval '1 hour'), 100)");
  run("delete_chat(1, 1, 1, 1)");
  run("cleanup_deleted_messages(100)");
  EXPECT_EQ(count("drafts, scheduled_messages"), 1);
  database.query("UPDATE chats SET erase_at = now() - interval '1 hour'");
  EXPECT_EQ(text("cleanup_deleted_messages(2)"), "2");
  EXPECT_EQ(text("cleanup_deleted_messages(2)"), "1");
  EXPECT_EQ(count("drafts"), 0);
  EXPECT_EQ(count("scheduled_messages"), 0);
}

TEST_F(MembershipFunctions, APreviewHasTheMentionsOfItsText) {
  const auto message = sends(1);
  database.query(
      "UPDATE messages SET content = repeat('x', 300), mention_ranges ="
      " '[{\"user_id\": 2, \"offset\": 190, \"length\": 10},"
      " {\"user_id\": 3, \"offset\": 195, \"length\": 6}]'");
  EXPECT_EQ(text(fmt::format("json_array_length(mention_ranges::json) FROM message_preview_rows"
                             " WHERE id = {}",
                             message)),
            "1");
}

TEST_F(MembershipFunctions, TheLastMicrosecondOfTheYear9999StaysInIt) {
  EXPECT_EQ(text("unix_micros(from_unix_micros(253402300799999999))"), "253402300799999999");
}

}  // namespace
}  // namespace fechatter::server
