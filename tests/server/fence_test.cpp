#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/services.hpp"

// The second fence (docs/adr/0006). The first one is taken away: these statements run as the
// application's role and select rows without their scope, as a mistake in a repository or an
// injection would. fence_catalog_test.cpp checks the rules for every table.
namespace fechatter::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* foreign_key = "foreign key";
constexpr const char* no_right = "no right";

// Acme (1) has alice (1) and bob (2) in chat 1, where message 1 is; rival (2) has mallory (3) and
// oscar (4) in chat 2, where message 2 is.
class SecondFence : public testing::Test {
 protected:
  SecondFence() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('rival');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1 + (i - 1) / 2, 'user ' || i, i || '@test.example', 'x'"
        " FROM generate_series(1, 4) i ORDER BY i;"
        "UPDATE workspaces SET owner_id = 2 * id - 1;"
        "SELECT create_chat(1, 1, 'private_channel', 'secrets', '', '{1,2}');"
        "SELECT create_chat(2, 3, 'private_channel', 'secrets', '', '{3,4}');"
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " VALUES (1, 1, 1, 1, 'of acme'), (2, 2, 3, 1, 'of rival');"
        "INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at)"
        " VALUES (1, 1, sha256('x'), 'infinity')");
  }
  // The result of a statement of the application: "done", or the fence that stops it and its
  // reason.
  std::string tries(const std::string& sql) {
    try {
      application.run_script(sql);
    } catch (const pqxx::foreign_key_violation& error) {
      return std::string{foreign_key} + ": " + error.what();
    } catch (const pqxx::insufficient_privilege& error) {
      return std::string{no_right} + ": " + error.what();
    } catch (const pqxx::sql_error& error) {
      return error.what();
    }
    return "done";
  }
  std::int64_t reads(const std::string& sql) {
    return application.run_script(sql)[0][0].as<std::int64_t>();
  }

  test::TestDatabase database;
  postgres::Connection application{database.url()};
};

TEST_F(SecondFence, AUserOfAnotherWorkspaceIsTiedToNoChat) {
  EXPECT_THAT(tries("INSERT INTO chat_members (chat_id, user_id, workspace_id)"
                    " SELECT 1, u.id, u.workspace_id FROM users u WHERE u.id = 3"),
              AllOf(StartsWith(foreign_key), HasSubstr("chat_members_chat_id_workspace_id_fkey")));
  EXPECT_THAT(tries("INSERT INTO chat_members (chat_id, user_id, workspace_id)"
                    " SELECT c.id, 3, c.workspace_id FROM chats c WHERE c.id = 1"),
              AllOf(StartsWith(foreign_key), HasSubstr("chat_members_user_id_workspace_id_fkey")));
}

TEST_F(SecondFence, AUserOfAnotherWorkspaceMakesNoChatAndOwnsNoWorkspace) {
  EXPECT_THAT(tries("INSERT INTO chats (workspace_id, type, name, created_by)"
                    " VALUES (1, 'group', 'x', 3)"),
              AllOf(StartsWith(foreign_key), HasSubstr("chats_created_by_workspace_id_fkey")));
  EXPECT_THAT(tries("UPDATE workspaces SET owner_id = 3 WHERE id = 1"), StartsWith(no_right));
  EXPECT_THROW(database.query("UPDATE workspaces SET owner_id = 3 WHERE id = 1"),
               pqxx::foreign_key_violation);
}

TEST_F(SecondFence, AMessageLiesInNoChatOfAnotherWorkspace) {
  const std::string insert =
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content) ";
  EXPECT_THAT(tries(insert + "SELECT c.workspace_id, c.id, 3, 2, 'x' FROM chats c WHERE c.id = 1"),
              AllOf(StartsWith(foreign_key), HasSubstr("messages_sender_id_workspace_id_fkey")));
  EXPECT_THAT(tries(insert + "SELECT u.workspace_id, 1, u.id, 2, 'x' FROM users u WHERE u.id = 3"),
              AllOf(StartsWith(foreign_key), HasSubstr("messages_chat_id_workspace_id_fkey")));
}

TEST_F(SecondFence, AReplyAnswersNoMessageOfAnotherWorkspace) {
  EXPECT_THAT(
      tries("INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, reply_to)"
            " SELECT 1, 1, 1, 2, 'x', t.id FROM messages t WHERE t.id = 2"),
      AllOf(StartsWith(foreign_key), HasSubstr("messages_reply_to_fkey")));
  EXPECT_THAT(tries("UPDATE messages SET reply_to = 2 WHERE id = 1"), StartsWith(foreign_key));
}

TEST_F(SecondFence, ASingleHasNoPeopleOfTwoWorkspaces) {
  const std::string insert =
      "INSERT INTO chats (workspace_id, type, name, created_by, single_low, single_high) ";
  EXPECT_THAT(tries(insert + "VALUES (1, 'single', '', 1, 1, 3)"),
              AllOf(StartsWith(foreign_key), HasSubstr("chats_single_high_fkey")));
  EXPECT_THAT(tries(insert + "VALUES (2, 'single', '', 3, 1, 3)"),
              AllOf(StartsWith(foreign_key), HasSubstr("chats_single_low_fkey")));
  EXPECT_EQ(tries(insert + "VALUES (1, 'single', '', 1, 1, 2)"), "done");
}

TEST_F(SecondFence, AnInvitationIsNotAcceptedFromAnotherWorkspace) {
  EXPECT_THAT(tries("UPDATE invitations SET accepted_by = 3 WHERE token_hash = sha256('x')"),
              AllOf(StartsWith(foreign_key), HasSubstr("invitations_accepted_by")));
  EXPECT_THAT(tries("INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at)"
                    " VALUES (1, 3, sha256('y'), 'infinity')"),
              AllOf(StartsWith(foreign_key), HasSubstr("invitations_created_by")));
}

TEST_F(SecondFence, ASessionIsOfItsUsersWorkspace) {
  EXPECT_THAT(tries("INSERT INTO sessions (user_id, workspace_id, expires_at)"
                    " VALUES (3, 1, 'infinity')"),
              AllOf(StartsWith(foreign_key), HasSubstr("sessions_user_id_workspace_id_fkey")));
}

TEST_F(SecondFence, ATicketIsOfASessionOfItsWorkspace) {
  database.query(
      "INSERT INTO sessions (user_id, workspace_id, expires_at)"
      " VALUES (1, 1, 'infinity')");
  const std::string insert =
      "INSERT INTO event_tickets (hash, user_id, workspace_id, session_id, token_expires_at,"
      " expires_at) ";
  EXPECT_THAT(tries(insert + "VALUES (sha256('x'), 3, 2, 1, 'infinity', 'infinity')"),
              AllOf(StartsWith(foreign_key), HasSubstr("event_tickets_session_fkey")));
  EXPECT_EQ(tries(insert + "VALUES (sha256('x'), 1, 1, 1, 'infinity', 'infinity')"), "done");
}

TEST_F(SecondFence, TheWorkspaceTheChatAndTheUserOfARowAreNeverChanged) {
  // No row refers to this user, so no foreign key stops the change.
  database.query(
      "INSERT INTO users (workspace_id, fullname, email, password_hash)"
      " VALUES (2, 'new', 'new@test.example', 'x')");
  for (const auto* change :
       {"UPDATE users SET workspace_id = 1 WHERE id = 5", "UPDATE users SET id = 99 WHERE id = 5",
        "UPDATE chat_members SET user_id = 2 WHERE user_id = 1",
        "UPDATE chat_members SET chat_id = 1 WHERE chat_id = 2",
        "UPDATE messages SET chat_id = 1 WHERE id = 2",
        "UPDATE messages SET sender_id = 2 WHERE id = 1",
        "UPDATE refresh_tokens SET session_id = 1", "UPDATE outbox SET workspace_id = 1"}) {
    EXPECT_THAT(tries(change), StartsWith(no_right)) << change;
  }
}

TEST_F(SecondFence, TheSchemaIsOutOfReach) {
  const auto partition =
      std::string{database
                      .query("SELECT max(inhrelid::regclass::text) FROM pg_inherits"
                             " WHERE inhparent = 'outbox'::regclass")[0][0]
                      .c_str()};
  for (const auto& change :
       {std::string{"DROP TABLE chat_members"}, "DROP TABLE " + partition,
        std::string{"ALTER TABLE outbox DETACH PARTITION "} + partition,
        std::string{"ALTER TABLE messages DISABLE TRIGGER ALL"},
        std::string{"ALTER TABLE messages DROP CONSTRAINT messages_reply_to_fkey"},
        std::string{"ALTER TABLE users ADD COLUMN x integer"}, std::string{"TRUNCATE messages"},
        std::string{"CREATE TABLE x (n integer)"}, std::string{"CREATE TEMP TABLE x (n integer)"},
        std::string{"CREATE SCHEMA x"}, std::string{"CREATE INDEX x ON users (bio)"},
        std::string{"CREATE FUNCTION x() RETURNS integer LANGUAGE sql AS 'SELECT 1'"},
        std::string{"SET session_replication_role = replica"}, std::string{"CREATE ROLE x"},
        std::string{"CREATE DATABASE x"}, std::string{"SELECT grant_application_rights('x')"}}) {
    const auto answer = tries(change);
    EXPECT_THAT(answer, StartsWith(no_right)) << change;
  }
}

TEST_F(SecondFence, TheCatalogAndTheRecordOfMigrationsAreOutOfReach) {
  for (const auto* statement :
       {"SELECT * FROM pg_authid", "SELECT pg_read_file('PG_VERSION')",
        "COPY users TO PROGRAM 'cat'", "SET ROLE fechatter",
        "INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'x', 'x')",
        "DELETE FROM schema_migrations", "UPDATE schema_migrations SET checksum = 'x'",
        "UPDATE schema_release SET release = 99", "DELETE FROM schema_definitions",
        "SELECT advance_identities(1, now())", "DELETE FROM outbox", "SELECT * FROM outbox_default",
        "DELETE FROM users", "DELETE FROM workspaces", "DELETE FROM relay_state",
        "SELECT setval('outbox_id_seq', 1)"}) {
    EXPECT_THAT(tries(statement), StartsWith(no_right)) << statement;
  }
}

TEST_F(SecondFence, PartitionsAreMadeAndDroppedWithinBoundsOnly) {
  EXPECT_EQ(tries("SELECT outbox_make_partitions(20); SELECT outbox_drop_partitions(1)"), "done");
  EXPECT_THAT(tries("SELECT outbox_drop_partitions(-30)"), HasSubstr("keeping events for -30"));
  EXPECT_THAT(tries("SELECT outbox_drop_partitions(NULL)"), HasSubstr("keeping events for"));
  EXPECT_THAT(tries("SELECT outbox_make_partitions(100000)"), HasSubstr("for 100000 days"));
  EXPECT_THAT(tries("SELECT outbox_make_partitions(0)"), HasSubstr("for 0 days"));
}

TEST_F(SecondFence, AMessageIsDeletedBeforeItsReplies) {
  database.query(
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, reply_to)"
      " VALUES (1, 1, 2, 2, 'an answer', 1)");
  EXPECT_EQ(tries("DELETE FROM messages WHERE id = 1"), "done");
  EXPECT_EQ(database.number("SELECT count(*) FROM messages WHERE content = 'an answer'"
                            " AND reply_to IS NULL AND workspace_id = 1"),
            1);
}

// The limits: statements that only the first fence stops. A change that stops one of them inverts
// its test.
TEST_F(SecondFence, DoesNotStopReadingWithoutAScope) {
  EXPECT_EQ(reads("SELECT count(DISTINCT workspace_id) FROM messages"), 2);
  EXPECT_EQ(reads("SELECT count(*) FROM users WHERE password_hash IS NOT NULL"), 4);
}

TEST_F(SecondFence, DoesNotStopAWriteThatStaysInTheOtherWorkspace) {
  EXPECT_EQ(tries("UPDATE messages SET content = 'not mine' WHERE id = 2"), "done");
  EXPECT_EQ(tries("DELETE FROM chat_members WHERE chat_id = 2 AND user_id = 4"), "done");
}

TEST_F(SecondFence, DoesNotStopAWriteWithinAWorkspaceOrWithoutAForeignKey) {
  database.query("SELECT create_chat(1, 1, 'private_channel', 'mine', '', '{1}')");
  // Bob is not in chat 3, and message 1 is of chat 1; mallory is not of the workspace.
  EXPECT_EQ(tries("INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, reply_to,"
                  " mentions) VALUES (1, 3, 2, 1, 'x', 1, '{3}')"),
            "done");
  // An event names another workspace's chat: the outbox refers to nothing.
  EXPECT_EQ(tries("INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
                  " VALUES (1, 2, 'NewMessage', '\"chat\"', '{}')"),
            "done");
}

}  // namespace
}  // namespace fechatter::server
