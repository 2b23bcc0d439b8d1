#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/command/command_fixture.hpp"

// `admin create-user|reset-password|suspend|resume|promote|sessions`.
namespace fechatter::test {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;

class AccountCommands : public CommandTest {
 protected:
  std::vector<std::string> creating(const std::string& email, const std::string& role = "member",
                                    const std::string& workspace = "ACME") const {
    return {"admin", "create-user", "--workspace", workspace, "--email",
            email,   "--fullname",  "Carol C",     "--role",  role};
  }
  // A request with the token of a person, whose session may have ended.
  int status_of(const Person& person) const {
    return request(system.server.port(), "GET", "/api/users", {}, person.bearer()).status;
  }
  std::string role_of(const Person& person) const {
    return database.query(fmt::format("SELECT role FROM users WHERE id = {}", person.id()))[0][0]
        .c_str();
  }

  const std::string password = "correct horse battery";
};

TEST_F(AccountCommands, ACreatedUserSignsInWithTheRoleThatWasGiven) {
  const auto made = object(creating("carol@acme.example", "admin"), 0, password + "\n");
  EXPECT_EQ(made.at("role"), "admin");
  EXPECT_EQ(sign_in("Carol@acme.example", password), 200);
  EXPECT_EQ(database.number("SELECT count(*) FROM users WHERE email = 'carol@acme.example'"
                            " AND role = 'admin' AND name_keys @> '{carol}'"),
            1);
  EXPECT_EQ(made.at("request_id"),
            database.query("SELECT request_id FROM audit_log WHERE action = 'user.create'")[0][0]
                .c_str());
  EXPECT_THAT(
      audit_rows(),
      Contains(EndsWith(fmt::format("|user.create|user {}", made.at("user").get<std::int64_t>()))));
}

TEST_F(AccountCommands, AUserThatBreaksARuleIsRefusedAndTheFieldsAreNamed) {
  EXPECT_EQ(run(creating(bob.email()), password).all(), "email: has an account already\n");
  EXPECT_EQ(run(creating("c@acme.example", "member", "nowhere"), password).all(),
            "workspace: does not exist\n");
  const auto weak = run(creating("c@acme.example"), "sunshine");
  EXPECT_EQ(weak.code, 1);
  EXPECT_THAT(weak.err, HasSubstr("password: "));
  const auto refused = object(creating("no-address"), 1, password);
  EXPECT_EQ(refused.at("error").at("fields")[0].at("field"), "email");
  EXPECT_EQ(run(creating("c@acme.example", "owner"), password).code, 2);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 2);
  EXPECT_EQ(audit_count("user.create"), 0);
}

TEST_F(AccountCommands, AResetPasswordIsGoodAtOnceAndEndsAllSessions) {
  ASSERT_EQ(status_of(bob), 200);
  const auto done = object({"admin", "reset-password", "--email", bob.email()}, 0, password + "\n");
  EXPECT_EQ(done.at("sessions_ended"), 1);
  EXPECT_TRUE(eventually([&] { return status_of(bob) == 401; }));
  EXPECT_EQ(sign_in(bob.email(), password_of("bob")), 401);
  EXPECT_EQ(sign_in(bob.email(), password), 200);
  EXPECT_EQ(status_of(alice), 200);
  EXPECT_EQ(audit_count("user.reset_password"), 1);
}

TEST_F(AccountCommands, APasswordThatBreaksARuleIsNotSet) {
  for (const auto& bad : {"short", "sunshine", "bob@acme.example"}) {
    const auto refused = run({"admin", "reset-password", "--email", bob.email()}, bad);
    EXPECT_EQ(refused.code, 1) << bad;
    EXPECT_THAT(refused.err, testing::StartsWith("password: ")) << bad;
  }
  EXPECT_EQ(sign_in(bob.email(), password_of("bob")), 200);
  EXPECT_EQ(run({"admin", "reset-password", "--email", "x@acme.example"}, password).err,
            "email: has no account\n");
}

TEST_F(AccountCommands, ASuspendedUserIsOutUntilResumed) {
  EXPECT_EQ(object({"admin", "suspend", "--email", bob.email()}).at("sessions_ended"), 1);
  EXPECT_TRUE(eventually([&] { return status_of(bob) == 401; }));
  EXPECT_EQ(sign_in(bob.email(), password_of("bob")), 403);
  object({"admin", "resume", "--email", bob.email()});
  EXPECT_EQ(sign_in(bob.email(), password_of("bob")), 200);
  EXPECT_EQ(audit_count("user.suspend"), 1);
  EXPECT_EQ(audit_count("user.resume"), 1);
}

TEST_F(AccountCommands, TheOwnerIsSuspendedOnlyOnceAnotherUserOwnsTheWorkspace) {
  const auto refused = run({"admin", "suspend", "--email", alice.email()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("promote another user to owner first"));
  object({"admin", "promote", "--email", bob.email(), "--role", "owner"});
  EXPECT_EQ(role_of(bob), "owner");
  EXPECT_EQ(role_of(alice), "admin");
  object({"admin", "suspend", "--email", alice.email()});
  EXPECT_EQ(database.number("SELECT owner_id FROM workspaces"), bob.id());
}

TEST_F(AccountCommands, SessionsAreListedAndEndedOneByOne) {
  sign_in(bob.email(), password_of("bob"));
  const auto sessions =
      object({"admin", "sessions", "list", "--email", bob.email()}).at("sessions");
  ASSERT_EQ(sessions.size(), 2U);
  const auto first = std::to_string(sessions[0].at("id").get<std::int64_t>());
  const auto ended =
      object({"admin", "sessions", "end", "--email", bob.email(), "--session", first});
  EXPECT_EQ(ended.at("ended"), nlohmann::json::array({sessions[0].at("id")}));
  EXPECT_TRUE(eventually([&] { return status_of(bob) == 401; }));
  // It is over already, and alice's is none of bob's.
  const auto of_alice = std::to_string(
      database.number(fmt::format("SELECT id FROM sessions WHERE user_id = {}", alice.id())));
  for (const auto& none : {first, of_alice}) {
    EXPECT_EQ(run({"admin", "sessions", "end", "--email", bob.email(), "--session", none}).code, 1);
  }
  EXPECT_EQ(status_of(alice), 200);
  EXPECT_EQ(object({"admin", "sessions", "end", "--email", bob.email()}).at("ended").size(), 1U);
  EXPECT_EQ(object({"admin", "sessions", "list", "--email", bob.email()}).at("sessions").size(),
            0U);
}

TEST_F(AccountCommands, WithoutTheOwnersUrlNothingIsChangedAndTheSettingIsNamed) {
  environment["FECHATTER_DATABASE__MIGRATION_URL"] = "";
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"suspend"},
                                                    {"reset-password"},
                                                    {"promote", "--role", "admin"},
                                                    {"sessions", "end"}}) {
    std::vector<std::string> line{"admin"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    line.insert(line.end(), {"--email", bob.email()});
    const auto refused = run(line, password);
    const auto& action = arguments.front();
    EXPECT_EQ(refused.code, 2) << action;
    EXPECT_THAT(refused.err, HasSubstr("database.migration_url")) << action;
  }
  EXPECT_EQ(sign_in(bob.email(), password_of("bob")), 200);
  EXPECT_THAT(audit_rows(), testing::IsEmpty());
}

TEST_F(AccountCommands, WithoutTheDatabaseTheExitCodeIsThree) {
  environment["FECHATTER_DATABASE__MIGRATION_URL"] =
      fmt::format("postgresql://fechatter@127.0.0.1:{}/fechatter", free_port());
  const auto object_of_failure = object({"admin", "suspend", "--email", bob.email()}, 3);
  EXPECT_TRUE(object_of_failure.at("error").contains("message"));
}

}  // namespace
}  // namespace fechatter::test
