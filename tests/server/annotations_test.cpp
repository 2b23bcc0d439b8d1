#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "tests/support/services.hpp"

// What the functions of migrations/functions/reactions.sql keep true under concurrency, and at
// their limits.
namespace fechatter::server {
namespace {

using testing::StartsWith;

// Chat 1 has users 1 to 3; chat 2 has users 1 to 60. Each has a message of user 1.
class AnnotationFunctions : public testing::Test {
 protected:
  AnnotationFunctions() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('rival');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT CASE WHEN i > 60 THEN 2 ELSE 1 END, 'user ' || i, i || '@test.example', 'x'"
        " FROM generate_series(1, 61) i;"
        "SELECT create_chat(1, 1, 'group', 'small', '', '{1,2,3}');"
        "SELECT create_chat(1, 1, 'group', 'large', '', ARRAY(SELECT generate_series(1, 60)));"
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " VALUES (1, 1, 1, 1, 'in the small chat'), (1, 2, 1, 1, 'in the large chat')");
  }
  static std::string reaction(int user, int chat, const std::string& emoji, bool present = true) {
    return fmt::format("set_reaction(1, {}, {}, {}, '{}', {}, 20)", user, chat, chat, emoji,
                       present);
  }
  std::string outcome(const std::string& call) {
    return database.query("SELECT outcome FROM " + call)[0][0].c_str();
  }
  std::string shown(int message) {
    return database
        .query(fmt::format("SELECT reactions FROM message_rows WHERE id = {}", message))[0][0]
        .c_str();
  }
  std::int64_t waiting() {
    return database.number(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()");
  }
  // All users of the large chat, in their order.
  void all_react() {
    for (int user = 1; user <= 60; ++user) EXPECT_EQ(outcome(reaction(user, 2, "👍")), "done");
  }

  test::TestDatabase database;
};

TEST_F(AnnotationFunctions, AKindListsItsFirstFiftyUsersAndCountsAll) {
  all_react();
  EXPECT_THAT(shown(2), StartsWith("👍 60 1,2,3,"));
  EXPECT_THAT(shown(2), testing::EndsWith(",49,50"));
  outcome(reaction(2, 2, "👍", false));
  EXPECT_THAT(shown(2), StartsWith("👍 59 1,3,"));
  EXPECT_THAT(shown(2), testing::EndsWith(",50,51"));
}

TEST_F(AnnotationFunctions, AUserBeyondTheListLearnsOfTheOwnReaction) {
  const auto own = [this](int user) {
    return std::string{
        database.query("SELECT my_reactions FROM " + reaction(user, 2, "🎉"))[0][0].c_str()};
  };
  all_react();
  EXPECT_EQ(own(60), "[\"🎉\",\"👍\"]");
  // Where all users are listed it is not looked up.
  outcome(reaction(3, 1, "👍"));
  EXPECT_EQ(
      database.query("SELECT my_reactions IS NULL FROM " + reaction(2, 1, "👍"))[0][0].as<bool>(),
      true);
}

TEST_F(AnnotationFunctions, ConcurrentReactionsAreAllCounted) {
  const auto react = [this](int from, int to) {
    postgres::Connection connection{database.url()};
    for (int user = from; user <= to; ++user) {
      connection.run_script("SELECT outcome FROM " + reaction(user, 2, "👍"));
    }
  };
  std::thread others{react, 1, 30};
  react(31, 60);
  others.join();
  EXPECT_THAT(shown(2), StartsWith("👍 60 "));
  EXPECT_EQ(database.number("SELECT count(*) FROM reactions"), 60);
}

// Many reactions in a large chat hold up no message.
TEST_F(AnnotationFunctions, OnlyASmallChatIsLocked) {
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN");
  holder.run_script("SELECT FROM chats FOR NO KEY UPDATE");
  EXPECT_EQ(outcome(reaction(2, 2, "👍")), "done");
  EXPECT_THROW(outcome(reaction(2, 1, "👍")), pqxx::sql_error);
  holder.run_script("ROLLBACK");
}

TEST_F(AnnotationFunctions, AReactionWaitsForADeletionAndIsRefused) {
  postgres::Connection deleter{database.url()};
  deleter.run_script("BEGIN");
  deleter.run_script("SELECT delete_message(1, 1, 2, 2)");
  std::string answer;
  std::thread reacting{[&] {
    postgres::Connection connection{database.url()};
    answer = connection.run_script("SELECT outcome FROM " + reaction(2, 2, "👍"))[0][0].c_str();
  }};
  EXPECT_TRUE(test::eventually([this] { return waiting() == 1; }));
  deleter.run_script("COMMIT");
  reacting.join();
  EXPECT_EQ(answer, "deleted");
  EXPECT_EQ(database.number("SELECT count(*) FROM reactions"), 0);
}

TEST_F(AnnotationFunctions, ADeletionWaitsForAReactionAndRemovesIt) {
  postgres::Connection reacting{database.url()};
  reacting.run_script("BEGIN");
  reacting.run_script("SELECT outcome FROM " + reaction(2, 2, "👍"));
  std::thread deleting{[&] {
    postgres::Connection connection{database.url()};
    connection.run_script("SELECT delete_message(1, 1, 2, 2)");
  }};
  EXPECT_TRUE(test::eventually([this] { return waiting() == 1; }));
  reacting.run_script("COMMIT");
  deleting.join();
  EXPECT_EQ(database.number("SELECT count(*) FROM reactions"), 0);
  EXPECT_EQ(shown(2), "");
}

// In a large chat a reaction does not lock the chat, as a reply does. Without a common lock, the
// one with the later id may commit first, and a client that reads then ignores the event of the
// other.
TEST_F(AnnotationFunctions, AReactionWaitsForAReplyToItsMessage) {
  database.query("UPDATE chats SET last_seq = 1");
  postgres::Connection replying{database.owner_url()};
  replying.run_script("BEGIN");
  replying.run_script(
      "SELECT append_messages('[{\"ord\": 1, \"workspace_id\": 1, \"chat_id\": 2,"
      " \"sender_id\": 1, \"content\": \"reply\", \"files\": [], \"mentions\": [],"
      " \"reply_to\": 2}]', true)");
  std::thread reacting{[this] {
    postgres::Connection connection{database.owner_url()};
    connection.run_script("SELECT " + reaction(3, 2, "👍"));
  }};
  EXPECT_TRUE(test::eventually([this] { return waiting() == 1; }));
  replying.run_script("COMMIT");
  reacting.join();
  const auto id_of = [this](const std::string& type) {
    return database.number(fmt::format("SELECT id FROM outbox WHERE type = '{}'", type));
  };
  EXPECT_LT(id_of("ThreadUpdated"), id_of("ReactionAdded"));
  EXPECT_EQ(database.number("SELECT event_id FROM message_rows WHERE id = 2"),
            id_of("ReactionAdded"));
}

TEST_F(AnnotationFunctions, CountsOfAMessageAreEmittedOnceASecondAtMost) {
  const auto emitted = [this] {
    return database.number("SELECT count(*) FROM outbox WHERE type = 'ReactionsCounted'");
  };
  all_react();
  database.query("SELECT cleanup_reaction_counts(10)");
  EXPECT_EQ(emitted(), 0);  // the first change is younger than a second
  database.query("UPDATE message_annotations SET counts_changed_at = now() - interval '2 seconds'");
  database.query("SELECT cleanup_reaction_counts(10)");
  database.query("SELECT cleanup_reaction_counts(10)");
  EXPECT_EQ(emitted(), 1);
  EXPECT_EQ(database.number("SELECT data->'reactions'->0->>'count' FROM outbox"
                            " WHERE type = 'ReactionsCounted'"),
            60);
}

TEST_F(AnnotationFunctions, AreDeletedWithTheRowOfTheMessage) {
  outcome(reaction(2, 1, "👍"));
  database.query("SELECT set_pin(1, 2, 1, 1, true), set_saved(1, 2, 1, true, 10)");
  database.query("SELECT edit_message(1, 1, 1, 1, 'changed')");
  database.query("DELETE FROM messages");
  for (const auto* table :
       {"reactions", "message_annotations", "saved_messages", "message_edits"}) {
    EXPECT_EQ(database.number(fmt::format("SELECT count(*) FROM {}", table)), 0) << table;
  }
}

TEST_F(AnnotationFunctions, AreOfUsersOfTheWorkspaceOnly) {
  for (const auto* insert :
       {"INSERT INTO reactions (message_id, user_id, emoji, workspace_id) VALUES (1, 61, '👍', 1)",
        "INSERT INTO saved_messages (user_id, message_id, chat_id, workspace_id)"
        " VALUES (61, 1, 1, 2)",
        "INSERT INTO message_annotations (message_id, chat_id, workspace_id, pin_number, pinned_by,"
        " pinned_at) VALUES (1, 1, 1, 1, 61, now())"}) {
    EXPECT_THROW(database.query(insert), pqxx::foreign_key_violation) << insert;
  }
  EXPECT_EQ(outcome("set_reaction(2, 61, 1, 1, '👍', true, 20)"), "not_found");
}

}  // namespace
}  // namespace fechatter::server
