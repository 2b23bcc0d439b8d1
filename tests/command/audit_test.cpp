#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/command/command_fixture.hpp"

// audit_log: what administers an installation or a workspace leaves a row.
namespace fechatter::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class AuditLog : public CommandTest {
 protected:
  std::string members_path(const Person& person) const {
    return fmt::format("/api/workspace/members/{}", person.id());
  }
  static std::string try_as(const std::string& url, const std::string& sql) {
    postgres::Connection connection{url};
    try {
      connection.run_script(sql);
      return "done";
    } catch (const pqxx::sql_error& error) {
      return error.what();
    }
  }
};

TEST_F(AuditLog, TheServersRoleAddsRowsAndNeitherChangesNorRemovesOne) {
  const std::string row =
      "INSERT INTO audit_log (actor, action, target) VALUES ('user 1', 'x.y', 'user 2')";
  EXPECT_EQ(try_as(database.url(), row), "done");
  for (const auto* sql :
       {"UPDATE audit_log SET actor = 'user 3'", "DELETE FROM audit_log", "TRUNCATE audit_log"}) {
    EXPECT_THAT(try_as(database.url(), sql), HasSubstr("permission denied")) << sql;
  }
  EXPECT_THAT(try_as(database.notify_url(), row), HasSubstr("permission denied"));
  EXPECT_EQ(database.number("SELECT count(*) FROM audit_log"), 1);
}

TEST_F(AuditLog, AnAdministrativeRequestHasItsActorItsTargetAndItsRequestId) {
  auto headers = alice.bearer();
  headers["X-Request-Id"] = "suspend-1";
  EXPECT_EQ(system.send("PATCH", members_path(bob), {{{"status", "Suspended"}}}, headers).status,
            200);
  const auto rows = database.query("SELECT actor, action, target, request_id FROM audit_log");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0][0].c_str(), fmt::format("user {}", alice.id()));
  EXPECT_STREQ(rows[0][1].c_str(), "user.suspend");
  EXPECT_EQ(rows[0][2].c_str(), fmt::format("user {}", bob.id()));
  EXPECT_STREQ(rows[0][3].c_str(), "suspend-1");
}

TEST_F(AuditLog, EachAdministrativeRequestOfAWorkspaceLeavesARow) {
  const auto chat = bob.makes_chat("PublicChannel", {}, "general");
  EXPECT_EQ(bob.remove(fmt::format("/api/chat/{}", chat)).status, 204);
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/restore", chat), nlohmann::json::object()).status,
            200);
  const auto invited = alice.post("/api/workspace/invitations", nlohmann::json::object());
  ASSERT_EQ(invited.status, 201) << invited.body;
  EXPECT_EQ(alice
                .remove(fmt::format("/api/workspace/invitations/{}",
                                    invited.json().at("id").get<std::int64_t>()))
                .status,
            204);
  EXPECT_EQ(alice.patch(members_path(bob), {{"role", "admin"}}).status, 200);
  EXPECT_EQ(alice.patch(members_path(bob), {{"status", "Suspended"}}).status, 200);
  EXPECT_EQ(alice
                .post(fmt::format("/api/admin/users/{}/take-over-chats", bob.id()),
                      nlohmann::json::object())
                .status,
            200);
  EXPECT_THAT(
      audit_rows(),
      ElementsAre(HasSubstr("|chat.restore|chat "), HasSubstr("|invitation.create|invitation "),
                  HasSubstr("|invitation.revoke|invitation "),
                  EndsWith(fmt::format("|user.promote|user {}", bob.id())),
                  EndsWith(fmt::format("|user.suspend|user {}", bob.id())),
                  EndsWith(fmt::format("|user.take_over_chats|user {}", bob.id()))));
}

TEST_F(AuditLog, AnOwnerReadsWhatOperatorsDidInTheWorkspaceAndNothingElse) {
  const auto does = [this](const std::vector<std::string>& arguments) {
    const auto result = run(arguments, "correct horse battery");
    EXPECT_EQ(result.code, 0) << result.all();
  };
  does({"admin", "create-user", "--workspace", "acme", "--email", "carol@acme.example",
        "--fullname", "Carol"});
  does({"admin", "reset-password", "--email", bob.email()});
  does({"admin", "sessions", "end", "--email", bob.email()});
  does({"admin", "promote", "--email", bob.email(), "--role", "admin"});
  does({"workspace", "export", "--workspace", "acme", "--to", system.folder.path("archive")});
  does({"admin", "create-owner", "--workspace", "Beta", "--email", "b@beta.example", "--fullname",
        "Bea"});
  std::vector<std::string> seen;
  for (const auto rows = alice.get("/api/admin/audit").json(); const auto& row : rows) {
    EXPECT_EQ(row.at("actor"), "operator");
    seen.push_back(row.at("action"));
  }
  EXPECT_THAT(seen, ElementsAre("workspace.export", "user.promote", "session.end",
                                "user.reset_password", "user.create"));
  EXPECT_EQ(database.number("SELECT count(*) FROM audit_log l JOIN workspaces w"
                            " ON w.id = l.workspace_id WHERE w.name = 'Beta'"),
            1);
}

// Another workspace may come with the id of a deleted one: from another installation.
TEST_F(AuditLog, AnImportedWorkspaceDoesNotReadTheRowsOfADeletedOneWithItsId) {
  const auto does = [this](const std::vector<std::string>& arguments) {
    const auto result = run(arguments);
    EXPECT_EQ(result.code, 0) << result.all();
  };
  ASSERT_EQ(alice.post("/api/workspace/invitations", nlohmann::json::object()).status, 201);
  does({"workspace", "export", "--workspace", "acme", "--to", system.folder.path("archive")});
  does({"workspace", "delete", "--workspace", "acme", "--confirm", "acme"});
  does({"workspace", "import", "--from", system.folder.path("archive")});
  const Person again{
      system,
      system.post("/api/signin", {{"email", alice.email()}, {"password", password_of("alice")}})
          .json()};
  const auto rows = again.get("/api/admin/audit").json();
  ASSERT_EQ(rows.size(), 1U) << rows;
  EXPECT_EQ(rows[0].at("action"), "workspace.import");
  EXPECT_EQ(audit_count("invitation.create"), 1);
}

TEST_F(AuditLog, ARefusedRequestLeavesNone) {
  EXPECT_EQ(bob.patch(members_path(alice), {{"status", "Suspended"}}).status, 403);
  EXPECT_EQ(bob.post("/api/workspace/invitations", nlohmann::json::object()).status, 403);
  EXPECT_EQ(run({"admin", "suspend", "--email", alice.email()}).code, 1);
  EXPECT_THAT(audit_rows(), IsEmpty());
}

TEST_F(AuditLog, TheActorOfACommandIsTheAccountOfTheMachine) {
  environment["SUDO_USER"] = "ann";
  EXPECT_EQ(run({"admin", "create-owner", "--workspace", "Beta", "--email", "b@beta.example",
                 "--fullname", "Bea"},
                "correct horse battery")
                .code,
            0);
  EXPECT_THAT(audit_rows(), ElementsAre("operator ann|workspace.create|workspace Beta"));
}

}  // namespace
}  // namespace fechatter::test
