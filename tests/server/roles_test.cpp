#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/services.hpp"

// What the roles of the two servers may not do (docs/adr/0006). That each may do what it must is
// shown by all tests that start a server.
namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

class RolesOfPostgres : public testing::Test {
 protected:
  RolesOfPostgres() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash, role)"
        " SELECT 1, 'user ' || i, i || '@test.example', 'x',"
        "        (CASE i WHEN 1 THEN 'owner' ELSE 'member' END)::workspace_role"
        " FROM generate_series(1, 2) i ORDER BY i;"
        "UPDATE workspaces SET owner_id = 1;"
        "SELECT create_chat(1, 1, 'private_channel', 'secrets', '', '{1,2}');"
        "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
        " VALUES (1, 1, 1, 1, 'a text')");
  }
  // "done", or why PostgreSQL refuses the statement.
  static std::string tries(postgres::Connection& role, const std::string& sql) {
    try {
      role.run_script(sql);
      return "done";
    } catch (const pqxx::sql_error& error) {
      return error.what();
    }
  }
  static void expect_refused(postgres::Connection& role, const Names& statements) {
    for (const auto& sql : statements) {
      EXPECT_THAT(tries(role, sql), HasSubstr("permission denied")) << sql;
    }
  }
  Names list(const std::string& sql) {
    Names names;
    for (const auto& row : database.query(sql)) names.emplace_back(row[0].c_str());
    return names;
  }
  // The columns, as "table.column", on which a role has a privilege.
  Names columns(const std::string& role, const std::string& privilege) {
    return list(fmt::format(
        "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a"
        " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND has_column_privilege('{}', c.oid, a.attnum, '{}') ORDER BY c.relname, a.attname",
        role, privilege));
  }
  Names tables(const std::string& role, const std::string& privilege) {
    return list(
        fmt::format("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                    " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
                    " AND has_table_privilege('{}', c.oid, '{}') ORDER BY 1",
                    role, privilege));
  }

  test::TestDatabase database;
  postgres::Connection server{database.url()};
  postgres::Connection notify{database.notify_url()};
};

// The whole list: a column is added here together with the statement of notify_server that reads
// it.
TEST_F(RolesOfPostgres, NotifyServerReadsTheseColumnsOnly) {
  EXPECT_THAT(
      columns("fechatter_notify", "SELECT"),
      ElementsAre(
          "chat_members.chat_id", "chat_members.user_id", "chats.deleted_at", "chats.id",
          "chats.member_count", "chats.member_event_id", "event_tickets.expires_at",
          "event_tickets.hash", "event_tickets.session_id", "event_tickets.token_expires_at",
          "event_tickets.user_id", "event_tickets.workspace_id", "messages.chat_id", "messages.seq",
          "messages.version", "relay_state.fan_out_member_limit", "schema_migrations.version",
          "sessions.expires_at", "sessions.id", "sessions.revoked_at", "stream_erasures.asked_at",
          "stream_erasures.epoch", "stream_erasures.event_id", "stream_erasures.of_workspace",
          "stream_erasures.previous_seq", "stream_erasures.stream_seq", "user_presence.away",
          "user_presence.last_seen", "user_presence.said_at", "user_presence.user_id",
          "users.email", "users.fullname", "users.id", "users.status", "users.workspace_id"));
}

TEST_F(RolesOfPostgres, NotifyServerDeletesTicketsAndChangesNothingElse) {
  EXPECT_THAT(tables("fechatter_notify", "DELETE"), ElementsAre("event_tickets"));
  EXPECT_THAT(tables("fechatter_notify", "TRUNCATE, REFERENCES, TRIGGER"), IsEmpty());
  EXPECT_THAT(columns("fechatter_notify", "INSERT, UPDATE, REFERENCES"), IsEmpty());
  EXPECT_THAT(list("SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
                   " AND has_function_privilege('fechatter_notify', p.oid, 'EXECUTE')"
                   " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid"
                   "                 AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')"),
              testing::UnorderedElementsAre("erasures_between", "store_presence", "unix_micros"));
  EXPECT_THAT(
      list("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
           " AND CASE WHEN c.relkind = 'S'"
           "     THEN has_sequence_privilege('fechatter_notify', c.oid, 'USAGE, SELECT, UPDATE')"
           "     ELSE false END"),
      IsEmpty());
}

TEST_F(RolesOfPostgres, NotifyServerIsRefusedWhatItHasNoBusinessWith) {
  expect_refused(notify,
                 {"SELECT password_hash FROM users",
                  "SELECT * FROM users",
                  "SELECT * FROM user_rows",
                  "SELECT content FROM messages",
                  "SELECT data FROM outbox",
                  "SELECT done_at FROM stream_erasures",
                  "UPDATE stream_erasures SET asked_at = NULL",
                  "SELECT * FROM stream_texts",
                  "SELECT name FROM chats",
                  "SELECT * FROM refresh_tokens",
                  "SELECT * FROM invitations",
                  "SELECT user_id FROM sessions",
                  "SELECT token FROM relay_state",
                  "SELECT * FROM search_documents",
                  "SELECT stored_at FROM user_presence",
                  "UPDATE user_presence SET away = true",
                  "SELECT find_typist(1, 1, 1)",
                  "UPDATE users SET role = 'owner'",
                  "UPDATE users SET fullname = 'x'",
                  "UPDATE sessions SET revoked_at = NULL",
                  "UPDATE relay_state SET epoch = 9",
                  "UPDATE event_tickets SET user_id = 1",
                  "INSERT INTO outbox (workspace_id, type, audience, data)"
                  " VALUES (1, 'NewMessage', '\"workspace\"', '{}')",
                  "INSERT INTO chat_members (chat_id, user_id, workspace_id) VALUES (1, 2, 1)",
                  "DELETE FROM chat_members",
                  "DELETE FROM messages",
                  "DELETE FROM sessions",
                  "SELECT set_workspace_member(1, 1, 2, 'owner', NULL)",
                  "SELECT change_password(1, 'x', 'y', 0)",
                  "SELECT renew_password_hash(1, 1, 'x', 'y')",
                  "SELECT outbox_drop_partitions(1)",
                  "SELECT grant_notify_rights('fechatter_notify')",
                  "CREATE TABLE x (n integer)",
                  "CREATE TEMP TABLE x (n integer)",
                  "SET ROLE fechatter_app",
                  "SET ROLE fechatter"});
  EXPECT_EQ(tries(notify, "SELECT id, fullname, email FROM users"), "done");
}

// Neither with a statement of its own: only through functions that check the caller's rights.
TEST_F(RolesOfPostgres, FechatterServerWritesNoRoleStatusOwnerAndPasswordByItself) {
  const auto updatable = columns("fechatter_app", "UPDATE");
  for (const auto* column :
       {"users.password_hash", "users.password_version", "users.role", "users.status",
        "workspaces.owner_id", "threads.root_id", "thread_follows.root_id", "chats.workspace_id"}) {
    EXPECT_THAT(updatable, testing::Not(testing::Contains(column)));
  }
  EXPECT_THAT(updatable, testing::Contains("chat_members.role"));
  expect_refused(
      server, {"UPDATE users SET password_hash = 'y' WHERE id = 1",
               "UPDATE users SET password_version = 1 WHERE id = 1",
               "UPDATE users SET role = 'owner' WHERE id = 2",
               "UPDATE users SET status = 'active' WHERE id = 2",
               "UPDATE workspaces SET owner_id = 2", "INSERT INTO workspaces (name) VALUES ('x')",
               "INSERT INTO users (workspace_id, fullname, email, password_hash, role)"
               " VALUES (1, 'x', 'x@test.example', 'x', 'owner')"});
  EXPECT_EQ(tries(server, "UPDATE users SET bio = 'x' WHERE id = 2"), "done");
}

TEST_F(RolesOfPostgres, TheFunctionsThatWriteThemCheckTheirCaller) {
  const auto outcome = [&](const std::string& sql) {
    return std::string{server.run_script("SELECT outcome FROM " + sql)[0][0].c_str()};
  };
  EXPECT_EQ(outcome("set_workspace_member(1, 2, 1, 'member', NULL)"), "forbidden");
  EXPECT_EQ(outcome("set_workspace_member(1, 2, 2, 'owner', NULL)"), "forbidden");
  EXPECT_EQ(database.number("SELECT count(*) FROM users WHERE role = 'owner'"), 1);
  server.run_script("SELECT change_password(1, 'another hash', 'y', 0)");
  EXPECT_EQ(database.number("SELECT count(*) FROM users WHERE password_hash = 'x'"), 2);
  server.run_script("SELECT change_password(1, 'x', 'y', 0)");
  EXPECT_EQ(database.number("SELECT id FROM users WHERE password_hash = 'y'"), 1);
  EXPECT_EQ(database.number("SELECT password_version FROM users WHERE id = 1"), 2);
  server.run_script("SELECT renew_password_hash(1, 1, 'y', 'z')");
  server.run_script("SELECT renew_password_hash(1, 2, 'x', 'z')");
  EXPECT_EQ(database.number("SELECT count(*) FROM users WHERE password_hash = 'z'"), 0);
  server.run_script("SELECT renew_password_hash(1, 2, 'y', 'z')");
  EXPECT_EQ(database.number("SELECT id FROM users WHERE password_hash = 'z'"), 1);
  EXPECT_EQ(database.number("SELECT password_version FROM users WHERE id = 1"), 2);
}

// As a function that loses SECURITY DEFINER would.
TEST_F(RolesOfPostgres, AFunctionWithoutTheOwnersRightsIsRefused) {
  database.query("ALTER FUNCTION change_password(bigint, text, text, bigint) SECURITY INVOKER");
  expect_refused(server, {"SELECT change_password(1, 'x', 'y', 0)"});
}

TEST_F(RolesOfPostgres, NoServerRoleIsPrivilegedOrAMemberOfAnother) {
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_roles WHERE rolname ~ '^fechatter_'"
                            " AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls"
                            " OR rolreplication)"),
            0);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r"
                            " ON r.oid = m.member WHERE r.rolname ~ '^fechatter_'"),
            0);
  EXPECT_EQ(database.number("SELECT count(*) FROM pg_roles WHERE rolname ~ '^fechatter_'"), 2);
}

}  // namespace
}  // namespace fechatter::server
