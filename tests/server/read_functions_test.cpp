#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;

// The functions of reading, with concurrent changes. Users 1 and 2 are in chat 1, and user 1 has
// sent messages 2, 4, 6, 8 and 10.
class ReadFunctions : public testing::Test {
 protected:
  ReadFunctions() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 3) i;"
        "SELECT create_chat(1, 1, 'private_channel', 'chat', '', ARRAY[1, 2]::bigint[]);"
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " SELECT 1, 1, 1 + s % 2, s, 'x' FROM generate_series(1, 10) s;"
        "UPDATE chats SET last_seq = 10;"
        "UPDATE chat_members SET own_unread = 5;"
        "DELETE FROM outbox");
  }

  // Unread of user 1, as the list of chats counts it.
  std::int64_t unread() { return database.number("SELECT unread FROM read_state(1, 1)"); }
  // The same, counted from the messages.
  std::int64_t counted() {
    return database.number(
        "SELECT count(*) FROM messages x JOIN chat_members m ON m.chat_id = x.chat_id"
        " WHERE m.user_id = 1 AND x.seq > m.last_read_seq AND x.sender_id <> 1"
        " AND x.deleted_at IS NULL AND x.also_to_chat");
  }
  // `more`: further fields of the request.
  void sends(int sender, const std::string& more = "{}") {
    const auto outcome = database.query(fmt::format(
        "SELECT outcome FROM append_messages(jsonb_build_array('{{\"ord\": 1, \"workspace_id\": 1,"
        " \"chat_id\": 1, \"sender_id\": {}, \"content\": \"x\", \"files\": [], \"mentions\": []}}'"
        "::jsonb || '{}')::json, true)",
        sender, more));
    EXPECT_EQ(outcome[0][0].as<std::string>(), "created");
  }
  std::int64_t last_read() {
    return database.number("SELECT last_read_seq FROM chat_members WHERE user_id = 1");
  }
  void reads(int seq) { run(fmt::format("read_chat(1, 1, 1, NULL, {})", seq)); }
  void marks_unread(int seq) {
    run(fmt::format("unread_chat(1, 1, 1, (SELECT id FROM messages WHERE seq = {}))", seq));
  }
  void removes(int seq) {
    run(
        fmt::format("(SELECT delete_message(1, sender_id, 1, id) AS outcome FROM messages"
                    " WHERE seq = {}) d",
                    seq));
  }
  void run(const std::string& call) {
    EXPECT_EQ(database.query("SELECT outcome FROM " + call)[0][0].as<std::string>(), "done");
  }
  std::int64_t events() {
    return database.number("SELECT count(*) FROM outbox WHERE type = 'MessageRead'");
  }
  // As if the last event were a while ago.
  void let_time_pass() {
    database.query(
        "UPDATE chat_members SET read_event_at = read_event_at - interval '2 seconds';"
        "UPDATE due_read_events SET due_at = due_at - interval '2 seconds'");
  }
  // Holds the row of user 1 while `call` begins, then does `meanwhile` and commits.
  void while_locked(const std::string& call, const std::string& meanwhile) {
    postgres::Connection holder{database.owner_url()};
    holder.run_script("BEGIN");
    holder.run_script("SELECT FROM chat_members WHERE user_id = 1 FOR NO KEY UPDATE");
    std::thread other{[&] {
      postgres::Connection connection{database.url()};
      connection.run_script("SELECT outcome FROM " + call);
    }};
    while (database.number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {}
    holder.run_script(meanwhile);
    holder.run_script("COMMIT");
    other.join();
  }

  test::TestDatabase database;
};

TEST_F(ReadFunctions, CountsAgreeWithTheMessages) {
  const auto expect_equal = [this] { EXPECT_EQ(unread(), counted()); };
  marks_unread(3), expect_equal();
  removes(4), expect_equal();
  removes(5), expect_equal();
  reads(6), expect_equal();
  removes(2), expect_equal();
  marks_unread(1), expect_equal();
  removes(10), expect_equal();
  reads(9), expect_equal();
  reads(10), expect_equal();
  EXPECT_EQ(unread(), 0);
}

TEST_F(ReadFunctions, RepliesInTheirThreadAloneAreUnreadForNoMember) {
  const auto reply = fmt::format(R"({{"reply_to": {}, "also_to_chat": false}})",
                                 database.number("SELECT id FROM messages WHERE seq = 1"));
  reads(8);
  sends(2, reply);
  EXPECT_EQ(unread(), 1);  // message 9
  sends(1, reply);
  EXPECT_EQ(unread(), 1);
  EXPECT_EQ(last_read(), 8);
  removes(11), removes(12);
  EXPECT_EQ(unread(), 1);
  marks_unread(3);
  EXPECT_EQ(unread(), counted());
  reads(12);
  EXPECT_EQ(unread(), 0);
}

TEST_F(ReadFunctions, AMessageThatWaitedForItsTimeIsNoReadOfItsSender) {
  reads(8);
  sends(1, R"({"is_scheduled": true})");
  EXPECT_EQ(last_read(), 8);
  EXPECT_EQ(unread(), 1);  // message 9, and none of its own
  EXPECT_EQ(unread(), counted());
  sends(1);
  EXPECT_EQ(last_read(), 12);
  EXPECT_EQ(unread(), 0);
}

TEST_F(ReadFunctions, AnOwnMessageThatIsDeletedMeanwhileIsNotCountedTwice) {
  reads(10);
  while_locked("unread_chat(1, 1, 1, (SELECT id FROM messages WHERE seq = 1))",
               "SELECT delete_message(1, 1, 1, (SELECT id FROM messages WHERE seq = 4))");
  EXPECT_EQ(database.number("SELECT own_unread FROM chat_members WHERE user_id = 1"), 4);
  EXPECT_EQ(unread(), counted());
}

TEST_F(ReadFunctions, ALowerNumberThatWaitedForAHigherOneMovesNothing) {
  while_locked("read_chat(1, 1, 1, NULL, 3)",
               "UPDATE chat_members SET last_read_seq = 9 WHERE user_id = 1");
  EXPECT_EQ(database.number("SELECT last_read_seq FROM chat_members WHERE user_id = 1"), 9);
  EXPECT_EQ(events(), 0);
}

TEST_F(ReadFunctions, TheFirstEventIsWrittenAtOnceAndTheOthersBecomeOne) {
  for (int seq = 1; seq <= 5; ++seq) reads(seq);
  EXPECT_EQ(events(), 1);
  EXPECT_EQ(database.number("SELECT emit_due_read_events(10)"), 0);  // not yet due
  let_time_pass();
  EXPECT_EQ(database.number("SELECT emit_due_read_events(10)"), 1);
  EXPECT_EQ(database.number("SELECT emit_due_read_events(10)"), 0);
  EXPECT_EQ(database.number("SELECT (data->>'seq')::int FROM outbox ORDER BY id DESC LIMIT 1"), 5);
  EXPECT_EQ(events(), 2);
}

TEST_F(ReadFunctions, OthersGetNoNumberTwice) {
  const auto ephemeral = [this] {
    std::vector<bool> list;
    for (const auto& row : database.query("SELECT audience::jsonb ? 'ephemeral' FROM outbox"
                                          " WHERE type = 'MessageRead' ORDER BY id")) {
      list.push_back(row[0].as<bool>());
    }
    return list;
  };
  reads(8), let_time_pass();
  marks_unread(3), let_time_pass();
  reads(7), let_time_pass();
  reads(9), let_time_pass();
  EXPECT_THAT(ephemeral(), ElementsAre(true, false, false, true));
}

TEST_F(ReadFunctions, TheEventOfAMemberThatHasLeftIsNotDue) {
  reads(1), reads(2);
  database.query("SELECT delete_members(1, ARRAY[1]::bigint[], 200)");
  EXPECT_EQ(database.number("SELECT count(*) FROM due_read_events"), 0);
}

TEST_F(ReadFunctions, WhatHangsOnAChatIsRemovedWithIt) {
  removes(4);
  EXPECT_EQ(database.number("SELECT count(*) FROM unread_exclusions"), 1);
  database.query("DELETE FROM messages; DELETE FROM chat_members; DELETE FROM chats");
  EXPECT_EQ(database.number("SELECT count(*) FROM unread_exclusions"), 0);
}

}  // namespace
}  // namespace fechatter::server
