#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

class Invitations : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_AUTH__WORKSPACE_JOIN", "invitation"}};
    return options;
  }
  std::string invitation(const json& draft = json::object()) {
    return alice.post("/api/workspace/invitations", draft).json().at("token");
  }
  Reply sign_up(const std::string& email, const std::string& token,
                const json& more = json::object()) {
    json draft{{"fullname", "Bob"},
               {"email", email},
               {"password", "correct horse battery"},
               {"invitation", token}};
    draft.update(more);
    return system.post("/api/signup", draft);
  }
  Reply offer(const std::string& token) { return system.get("/api/invitations/" + token); }
  static std::string field_of(const Reply& reply) {
    return fmt::format("{} {}", reply.status,
                       reply.status == 422 ? reply.json().at("errors")[0].at("field").dump() : "");
  }

  System system{options()};
  TestDatabase& database = *system.database;
  Person alice = system.signs_up("alice");
};

TEST_F(Invitations, AnInvitationNamesItsWorkspace) {
  const auto joined = sign_up("bob@acme.example", invitation());
  ASSERT_EQ(joined.status, 201) << joined.body;
  EXPECT_EQ(joined.json().at("workspace"), alice.auth().at("workspace"));
  EXPECT_EQ(sign_up("carol@acme.example", invitation(), {{"workspace", "ACME"}}).status, 201);
  EXPECT_EQ(field_of(sign_up("dave@acme.example", invitation(), {{"workspace", "another"}})),
            R"(422 "invitation")");
}

TEST_F(Invitations, AnInvitationSaysWhatItInvitesTo) {
  const auto token = invitation({{"email", "Bob@acme.example"}});
  const json said{{"workspace", "acme"}, {"invited_by", "alice"}, {"email", "Bob@acme.example"}};
  EXPECT_EQ(offer(token).json(), said);
  EXPECT_EQ(offer(invitation()).json().at("email"), nullptr);
  EXPECT_EQ(system.send("HEAD", "/api/invitations/" + token, {}, {}).status, 200);
}

TEST_F(Invitations, ThePasswordHasNotTheNameOfTheWorkspaceThatItInvitesTo) {
  const auto token = invitation();
  const auto refused = sign_up("bob@b.example", token, {{"password", "all of acme"}});
  EXPECT_EQ(field_of(refused), R"(422 "password")");
  EXPECT_EQ(refused.json().at("code"), "auth.password_personal");
  EXPECT_EQ(sign_up("bob@b.example", token).status, 201);
}

// Neither the status nor the body shows why.
TEST_F(Invitations, OneThatIsNotOpenIsRefusedAndLooksLikeOneThatNeverWas) {
  const auto manager = [&] {
    const Person person{system, sign_up("manager@acme.example", invitation()).json()};
    alice.patch(fmt::format("/api/workspace/members/{}", person.id()), {{"role", "admin"}});
    return person;
  }();
  const std::string forged(43, 'A');
  const auto used = invitation();
  ASSERT_EQ(sign_up("bob@acme.example", used).status, 201);
  const auto expired = invitation();
  database.query("UPDATE invitations SET expires_at = now() WHERE accepted_at IS NULL");
  const auto made = alice.post("/api/workspace/invitations", json::object()).json();
  const std::string revoked = made.at("token");
  alice.remove(fmt::format("/api/workspace/invitations/{}", made.at("id").get<int>()));
  const std::string of_demoted =
      manager.post("/api/workspace/invitations", json::object()).json().at("token");
  // As a concurrent demotion leaves it: without the revocation of its invitations.
  database.query(fmt::format("UPDATE users SET role = 'member' WHERE id = {}", manager.id()));

  auto unknown = offer(forged).json();
  unknown.erase("request_id");
  for (const auto& token : {forged, used, expired, revoked, of_demoted, std::string{"x"}}) {
    const auto reply = offer(token);
    EXPECT_EQ(reply.status, 404) << token;
    auto body = reply.json();
    body.erase("request_id");
    EXPECT_EQ(body, unknown);
    EXPECT_EQ(field_of(sign_up("dave@acme.example", token)), R"(422 "invitation")") << token;
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 3);
}

TEST_F(Invitations, OneThatIsBoundToAnAddressAdmitsNoOther) {
  const auto token = invitation({{"email", "bob@acme.example"}});
  EXPECT_EQ(field_of(sign_up("mallory@acme.example", token)), R"(422 "email")");
  EXPECT_EQ(offer(token).status, 200);  // not used up
  EXPECT_EQ(sign_up("BOB@Acme.Example", token).status, 201);
  const auto list = alice.get("/api/workspace/invitations").json();
  EXPECT_EQ(list[0].at("email"), "bob@acme.example");
  EXPECT_TRUE(list[0].at("accepted_at").is_string());
}

TEST_F(Invitations, ABadAddressIsNamed) {
  for (const auto& email : {json("no address"), json(7), json("")}) {
    EXPECT_EQ(field_of(alice.post("/api/workspace/invitations", {{"email", email}})),
              R"(422 "email")");
  }
  EXPECT_EQ(alice.post("/api/workspace/invitations", {{"email", nullptr}}).status, 201);
  EXPECT_EQ(database.number("SELECT count(*) FROM invitations"), 1);
}

TEST_F(Invitations, OfSignUpsAtOnceWithOneInvitationExactlyOneJoins) {
  const auto shared = invitation();
  std::mutex mutex;
  std::vector<std::string> outcomes;
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] {
      const auto outcome = field_of(sign_up(fmt::format("person{}@acme.example", i), shared));
      const std::lock_guard lock{mutex};
      outcomes.push_back(outcome);
    });
  }
  for (auto& person : people) person.join();
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "201 "), 1);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), R"(422 "invitation")"), 7);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 2);
}

TEST(InvitationRate, LookingTokensUpTakesFromTheBucketOfTheAddress) {
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_LIMITS__STRANGER_PER_SECOND", "1"},
                    {"FECHATTER_LIMITS__STRANGER_BURST", "2"}};
  System system{options};
  const auto target = "/api/invitations/" + std::string(43, 'A');
  std::vector<int> statuses;
  for (int i = 0; i < 20; ++i) statuses.push_back(system.get(target).status);
  EXPECT_EQ(statuses.front(), 404);
  EXPECT_THAT(statuses, testing::Contains(429));
}

}  // namespace
}  // namespace fechatter::test
