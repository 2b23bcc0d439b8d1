#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

SystemOptions founded_by(const std::string& sign_up, const std::string& join = "invitation") {
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_AUTH__SIGN_UP", sign_up},
                    {"FECHATTER_AUTH__WORKSPACE_JOIN", join},
                    {"FECHATTER_LOG__LEVEL", "debug"}};
  return options;
}

// The tokens that a server has printed.
std::vector<std::string> tokens_in(const std::string& log) {
  std::vector<std::string> tokens;
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    if (line.size() == 45 && line.starts_with("  ")) tokens.push_back(line.substr(2));
  }
  return tokens;
}

json draft_of(const std::string& name, const json& more) {
  json draft{
      {"fullname", name}, {"email", name + "@acme.example"}, {"password", "correct horse battery"}};
  draft.update(more);
  return draft;
}

std::string field_of(const Reply& reply) {
  return fmt::format("{} {}", reply.status,
                     reply.status == 422 ? reply.json().at("errors")[0].at("field").dump() : "");
}

// How a workspace is founded where no stranger may (auth.sign_up: invitation).
class Founding : public testing::Test {
 protected:
  std::string token() const { return tokens_in(system.server.log()).at(0); }
  Reply sign_up(const std::string& name, const json& more) {
    return system.post("/api/signup", draft_of(name, more));
  }
  void restart() {
    system.server.stop();
    system.server.start();
  }
  // Runs the operator's command and returns its output, which ends with the exit code.
  std::string create_owner(const std::string& arguments, const std::string& password) const {
    const auto command = fmt::format(
        "printf '%s\\n' '{}' | \"$0\" admin create-owner {} 2>&1; echo $?", password, arguments);
    return run({"sh", "-c", command, server_program()},
               {{"DATABASE_URL", database.url()}, {"FECHATTER_AUTH__SIGN_UP", "closed"}});
  }

  System system{founded_by("invitation")};
  TestDatabase& database = *system.database;
};

TEST_F(Founding, TheFirstStartPrintsATokenAndLaterOnesNone) {
  restart();
  const auto tokens = tokens_in(system.server.log());
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(database.number("SELECT count(*) FROM founding_tokens"), 1);
  EXPECT_EQ(
      database.number(fmt::format(
          "SELECT count(*) FROM founding_tokens WHERE hash = sha256('{}'::bytea)", tokens[0])),
      1);
}

TEST_F(Founding, TheTokenFoundsOneWorkspace) {
  const auto founded = sign_up("alice", {{"invitation", token()}, {"workspace", "acme"}});
  ASSERT_EQ(founded.status, 201) << founded.body;
  EXPECT_EQ(founded.json().at("user").at("role"), "owner");
  EXPECT_EQ(founded.json().at("workspace").at("owner_id"), founded.json().at("user").at("id"));
  const json second{{"invitation", token()}, {"workspace", "second"}};
  EXPECT_EQ(field_of(sign_up("mallory", second)), R"(422 "invitation")");
  EXPECT_EQ(system.get("/api/invitations/" + token()).status, 404);
  restart();
  EXPECT_EQ(tokens_in(system.server.log()).size(), 1U);
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 1);
}

TEST_F(Founding, TheTokenIsSaidToFoundAWorkspace) {
  const json offer{{"workspace", nullptr}, {"invited_by", nullptr}, {"email", nullptr}};
  EXPECT_EQ(system.get("/api/invitations/" + token()).json(), offer);
}

TEST_F(Founding, ASignUpThatIsRefusedLeavesTheTokenAsItIs) {
  EXPECT_EQ(field_of(sign_up("alice", {{"invitation", token()}})), R"(422 "workspace")");
  const json short_password{{"invitation", token()}, {"workspace", "acme"}, {"password", "short"}};
  EXPECT_EQ(field_of(sign_up("alice", short_password)), R"(422 "password")");
  EXPECT_EQ(sign_up("alice", {{"invitation", token()}, {"workspace", "acme"}}).status, 201);
}

TEST_F(Founding, OfSignUpsAtOnceWithOneTokenExactlyOneFounds) {
  const auto shared = token();
  std::mutex mutex;
  std::vector<std::string> outcomes;
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] {
      const json workspace{{"invitation", shared}, {"workspace", fmt::format("acme {}", i)}};
      const auto outcome = field_of(sign_up(fmt::format("person{}", i), workspace));
      const std::lock_guard lock{mutex};
      outcomes.push_back(outcome);
    });
  }
  for (auto& person : people) person.join();
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "201 "), 1);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), R"(422 "invitation")"), 7);
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 1);
}

TEST_F(Founding, AForgedTokenFoundsNothing) {
  auto forged = token();
  forged[0] = forged[0] == 'A' ? 'B' : 'A';
  for (const auto& other : {forged, std::string{"short"}, std::string(128, 'x')}) {
    const json draft{{"invitation", other}, {"workspace", "acme"}};
    EXPECT_EQ(field_of(sign_up("mallory", draft)), R"(422 "invitation")");
    EXPECT_EQ(system.get("/api/invitations/" + other).status, 404);
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 0);
}

TEST_F(Founding, AnExpiredTokenFoundsNothingAndTheNextStartPrintsAnother) {
  database.query("UPDATE founding_tokens SET expires_at = now()");
  const json draft{{"invitation", token()}, {"workspace", "acme"}};
  EXPECT_EQ(field_of(sign_up("alice", draft)), R"(422 "invitation")");
  EXPECT_EQ(system.get("/api/invitations/" + token()).status, 404);
  restart();
  const auto tokens = tokens_in(system.server.log());
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(sign_up("alice", {{"invitation", tokens[1]}, {"workspace", "acme"}}).status, 201);
}

// The answer shows no stranger which workspaces there are.
TEST_F(Founding, WithoutATokenEveryNameIsRefusedAlike) {
  ASSERT_EQ(sign_up("alice", {{"invitation", token()}, {"workspace", "acme"}}).status, 201);
  auto there = sign_up("mallory", {{"workspace", "acme"}}).json();
  auto new_one = sign_up("mallory", {{"workspace", "another"}}).json();
  EXPECT_EQ(there.at("code"), "auth.invitation_required");
  there.erase("request_id");
  new_one.erase("request_id");
  EXPECT_EQ(there, new_one);
  EXPECT_EQ(field_of(sign_up("mallory", json::object())), R"(422 "workspace")");
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 1);
}

TEST_F(Founding, TheTokenIsLoggedNowhere) {
  system.get("/api/invitations/" + token());
  system.send("POST", "/api/invitations/" + token(), json::object(), {});
  sign_up("alice", {{"invitation", token()}, {"workspace", "acme"}});
  const auto log = system.server.log();
  EXPECT_THAT(log, HasSubstr("GET /api/invitations/{token} 200"));
  EXPECT_THAT(log, HasSubstr("POST /api/invitations/{token} 405"));
  // Only where the first start printed it.
  EXPECT_EQ(log.find(token()), log.rfind(token()));
}

TEST_F(Founding, TheOperatorMakesAWorkspaceAndItsOwner) {
  const auto printed = create_owner("--workspace Acme --email ann@acme.example --fullname Ann",
                                    "correct horse battery");
  EXPECT_THAT(printed, testing::EndsWith("\n0\n"));
  const auto signed_in = system.post(
      "/api/signin", {{"email", "ann@acme.example"}, {"password", "correct horse battery"}});
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  EXPECT_EQ(signed_in.json().at("user").at("role"), "owner");
  EXPECT_EQ(signed_in.json().at("workspace").at("name"), "Acme");
  // The first workspace is there: the token of the first start founds no second one.
  const json second{{"invitation", token()}, {"workspace", "second"}};
  EXPECT_EQ(field_of(sign_up("mallory", second)), R"(422 "invitation")");
  EXPECT_EQ(database.number("SELECT count(*) FROM founding_tokens"), 0);
}

TEST_F(Founding, TheOperatorsCommandHasTheRulesOfASignUpAndNamesTheFields) {
  create_owner("--workspace Acme --email ann@acme.example --fullname Ann", "correct horse battery");
  const auto taken = create_owner("--workspace ACME --email bea@acme.example --fullname Bea",
                                  "correct horse battery");
  EXPECT_EQ(taken, "workspace: exists already\n1\n");
  const auto known = create_owner("--workspace Beta --email ANN@acme.example --fullname Bea",
                                  "correct horse battery");
  EXPECT_EQ(known, "email: has an account already\n1\n");
  const auto bad = create_owner("--workspace Beta --email no-address --fullname ' '", "short");
  for (const auto* line : {"fullname: ", "email: ", "password: "}) {
    EXPECT_THAT(bad, HasSubstr(line));
  }
  EXPECT_THAT(bad, testing::EndsWith("\n1\n"));
  for (const auto* password : {"sunshine", "all of Beta"}) {
    const auto weak =
        create_owner("--workspace Beta --email bea@acme.example --fullname Bea", password);
    EXPECT_THAT(weak, testing::StartsWith("password: ")) << password;
    EXPECT_THAT(weak, testing::EndsWith("\n1\n"));
  }
  EXPECT_THAT(create_owner("--workspace \"$(printf '\\377')\" --email b@acme.example --fullname B",
                           "correct horse battery"),
              HasSubstr("workspace: must be UTF-8"));
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 1);
}

TEST(ClosedFounding, NoTokenIsPrintedAndNoneIsTaken) {
  System system{founded_by("closed")};
  EXPECT_THAT(tokens_in(system.server.log()), testing::IsEmpty());
  const std::string earlier(43, 'e');  // printed before the setting was changed
  system.database->query(
      fmt::format("SELECT make_founding_token(sha256('{}'::bytea), 3600)", earlier));
  const json draft{{"invitation", earlier}, {"workspace", "acme"}};
  EXPECT_EQ(field_of(system.post("/api/signup", draft_of("mallory", draft))),
            R"(422 "invitation")");
  EXPECT_EQ(system.get("/api/invitations/" + earlier).status, 404);
  EXPECT_EQ(system.post("/api/signup", draft_of("mallory", {{"workspace", "acme"}})).status, 403);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 0);
}

TEST(ClosedFounding, AnExistingWorkspaceIsJoinedByItsNameWhereThatIsAllowed) {
  System system{founded_by("closed", "open")};
  system.database->query(
      "SELECT create_owner('ann', 'ann@acme.example', 'x', 'acme', 'ann@acme.example', 'acme',"
      " '{}', '{}')");
  const auto joined = system.post("/api/signup", draft_of("bob", {{"workspace", "Acme"}}));
  ASSERT_EQ(joined.status, 201) << joined.body;
  EXPECT_EQ(joined.json().at("user").at("role"), "member");
  const auto refused = system.post("/api/signup", draft_of("carol", {{"workspace", "another"}}));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.json().at("code"), "auth.invitation_required");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 1);
}

TEST(OpenFounding, EveryNewNameMakesAWorkspaceAndNoTokenIsPrinted) {
  System system{founded_by("open")};
  EXPECT_THAT(tokens_in(system.server.log()), testing::IsEmpty());
  EXPECT_EQ(system.signs_up("alice", "acme").auth().at("user").at("role"), "owner");
  EXPECT_EQ(system.signs_up("mallory", "rival").auth().at("user").at("role"), "owner");
}

// Older clients ask for no name of a workspace.
TEST(OpenFounding, ASignUpWithoutAWorkspaceFoundsOneAfterThePerson) {
  System system{founded_by("open", "open")};
  const auto sign_up = [&](const std::string& fullname, int number,
                           const json& more = json::object()) {
    auto draft = draft_of(fmt::format("person{}", number), more);
    draft["fullname"] = fullname;
    return system.post("/api/signup", draft);
  };
  const auto workspace_of = [](const Reply& reply) {
    EXPECT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(reply.json().at("user").at("role"), "owner");
    return reply.json().at("workspace").at("name").get<std::string>();
  };
  EXPECT_EQ(workspace_of(sign_up("Alice Adams", 1)), "Alice Adams");
  EXPECT_EQ(workspace_of(sign_up("alice adams", 2)), "alice adams 2");
  EXPECT_EQ(workspace_of(sign_up("Alice Adams", 3, {{"workspace", nullptr}})), "Alice Adams 3");
  EXPECT_EQ(workspace_of(sign_up(std::string(50, 'x'), 4)), std::string(32, 'x'));
  EXPECT_EQ(workspace_of(sign_up(std::string(50, 'x'), 5)), std::string(30, 'x') + " 2");
  EXPECT_EQ(field_of(sign_up("Alice Adams", 6, {{"workspace", ""}})), R"(422 "workspace")");
  // An address that has an account founds nothing.
  EXPECT_EQ(sign_up("Zoe", 1).status, 409);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 5);
  // With more namesakes than small numbers, any number.
  system.database->query(
      "INSERT INTO workspaces (name, name_key) SELECT 'zoe ' || n, 'zoe ' || n"
      " FROM generate_series(2, 9) n UNION SELECT 'zoe', 'zoe'");
  EXPECT_THAT(workspace_of(sign_up("Zoe", 7)), testing::MatchesRegex("Zoe [1-9][0-9]+"));
}

TEST(ClosedFounding, ASignUpWithoutAWorkspaceIsRefused) {
  for (const auto* founding : {"invitation", "closed"}) {
    System system{founded_by(founding, "open")};
    const auto refused = system.post("/api/signup", draft_of("alice", json::object()));
    EXPECT_EQ(field_of(refused), R"(422 "workspace")") << founding;
    EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 0);
  }
}

}  // namespace
}  // namespace fechatter::test
