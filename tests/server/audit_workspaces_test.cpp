#include <gmock/gmock.h>

#include <thread>

#include "tests/support/schema_folder.hpp"
#include "tests/support/services.hpp"

// To which workspace a row of the audit log belongs.
namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Acme (1) has alice (1), its owner, bob (2) and a session of bob (1); rival (2) has mallory (3).
class AuditWorkspaces : public testing::Test {
 protected:
  AuditWorkspaces() {
    database.query(
        "DELETE FROM audit_log;"
        "INSERT INTO workspaces (name) VALUES ('acme'), ('rival');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash, role) VALUES"
        " (1, 'alice', 'a@test.example', 'x', 'owner'), (1, 'bob', 'b@test.example', 'x', "
        "'member'),"
        " (2, 'mallory', 'm@test.example', 'x', 'owner');"
        "UPDATE workspaces SET owner_id = 2 * id - 1;"
        "INSERT INTO sessions (user_id, workspace_id, expires_at) VALUES (2, 1, 'infinity')");
  }
  // "user 1: 1" of each row, oldest first: the target and the workspace.
  std::vector<std::string> rows() {
    std::vector<std::string> found;
    for (const auto& row :
         database.query("SELECT target || ': ' || coalesce(workspace_id::text, 'none')"
                        " FROM audit_log ORDER BY id")) {
      found.emplace_back(row[0].c_str());
    }
    return found;
  }
  static std::string migration(const std::string& name) {
    for (const auto& file : test::our_schema().migrations) {
      if (file.name == name) return file.sql;
    }
    return {};
  }

  test::TestDatabase database;
};

TEST_F(AuditWorkspaces, RowsOfAFormerReleaseGetTheWorkspaceOfTheirActorOrTarget) {
  database.query(
      "ALTER TABLE audit_log DROP COLUMN workspace_id;"  // with its indexes
      "INSERT INTO audit_log (actor, action, target) VALUES"
      " ('user 1', 'invitation.create', 'invitation 9'), ('user 3', 'chat.restore', 'chat 2'),"
      " ('operator ann', 'user.suspend', 'user 2'), ('operator ann', 'session.end', 'session 1'),"
      " ('operator ann', 'workspace.export', 'workspace 2'),"
      " ('operator ann', 'workspace.create', 'workspace acme'),"
      " ('operator ann', 'workspace.create', 'workspace 2'),"
      " ('operator ann', 'workspace.delete', 'workspace 77'),"
      " ('operator user 1', 'keys.switch', 'installation'),"
      " ('user 99999999999999999999', 'user.update', 'user x')");
  database.query(migration("0018_audit_workspaces.sql"));
  EXPECT_THAT(rows(), ElementsAre("invitation 9: 1", "chat 2: 2", "user 2: 1", "session 1: 1",
                                  "workspace 2: 2", "workspace acme: 1",
                                  "workspace 2: none",  // a workspace that was founded as "2"
                                  "workspace 77: none", "installation: none", "user x: none"));
}

TEST_F(AuditWorkspaces, EachOperatorsFunctionNotesTheWorkspaceOfItsUser) {
  database.query(
      "UPDATE workspaces SET name_key = name; UPDATE users SET email_key = email;"
      "SELECT operator_create_user('rival', 'dave', 'd@test.example', 'x', 'd', '{}', '{}', 'dave',"
      " 'admin', 'operator ann', 'r1');"
      "SELECT operator_set_password('b@test.example', 'y', 'operator ann', 'r2');"
      "SELECT operator_end_sessions('m@test.example', NULL, 'operator ann', 'r3');"
      "SELECT operator_set_member('b@test.example', 'admin', NULL, 'user.promote', 'operator ann',"
      " 'r4');"
      "SELECT audit_founding('rival', 'rival', 'operator ann', 'r5');"
      "SELECT add_audit('operator ann', 'schema.migrate', 'installation', 'r6')");
  EXPECT_THAT(rows(), ElementsAre("user 4: 2", "user 2: 1", "user 3: 2", "user 2: 1",
                                  "workspace rival: 2", "installation: none"));
}

// The lock of a change of roles is waited for, and then the new roles count.
TEST_F(AuditWorkspaces, EndingSessionsWaitsForAChangeOfRolesAndFollowsIt) {
  database.query("UPDATE users SET role = 'admin' WHERE id = 2");
  postgres::Connection other{database.owner_url()};
  other.run_script("BEGIN; SELECT FROM set_workspace_member(1, 1, 2, 'member', NULL)");
  postgres::Connection application{database.url()};
  const auto process = application.run_script("SELECT pg_backend_pid()")[0][0].as<int>();
  std::string outcome;
  std::thread ending{[&] {
    const auto rows =
        application.run_script("SELECT outcome FROM end_user_sessions(1, 2, 2, NULL, 'r')");
    outcome = rows[0][0].c_str();
  }};
  EXPECT_TRUE(test::eventually([&] {
    return database.number("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " +
                           std::to_string(process)) > 0;
  }));
  other.run_script("COMMIT");
  ending.join();
  EXPECT_EQ(outcome, "forbidden");
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(AuditWorkspaces, TheServersRoleEndsSessionsAndNotesIt) {
  postgres::Connection application{database.url()};
  const auto ended =
      application.run_script("SELECT outcome, ended FROM end_user_sessions(1, 1, 2, 1, 'r')");
  EXPECT_STREQ(ended[0][0].c_str(), "done");
  EXPECT_STREQ(ended[0][1].c_str(), "{1}");
  EXPECT_THAT(rows(), ElementsAre("session 1: 1"));
}

}  // namespace
}  // namespace fechatter::server
