#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/auth/encoding.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Accounts : public testing::Test {
 protected:
  static SystemOptions with_invitations() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_AUTH__WORKSPACE_JOIN", "invitation"}};
    return options;
  }
  Reply sign_up(const std::string& name, json extra = json::object()) {
    json body{{"fullname", name},
              {"email", name + "@acme.example"},
              {"password", password_of(name)},
              {"workspace", "acme"}};
    body.update(extra);
    return system.post("/api/signup", body);
  }
  Reply refresh(const std::string& token) {
    return system.post("/api/refresh", {{"refresh_token", token}});
  }
  static json claims_of(const std::string& token) {
    const auto first = token.find('.');
    const auto payload = token.substr(first + 1, token.find('.', first + 1) - first - 1);
    return json::parse(auth::base64url_decode(payload).value());
  }

  System system{with_invitations()};
  Person alice = system.signs_up("alice");
};

TEST_F(Accounts, TheFirstUserOfAWorkspaceOwnsIt) {
  EXPECT_EQ(alice.auth().at("user").at("role"), "owner");
  EXPECT_EQ(alice.auth().at("workspace").at("owner_id"), alice.id());
  EXPECT_EQ(alice.auth().at("workspace").at("name"), "acme");
  EXPECT_EQ(alice.auth().at("token_type"), "Bearer");
  EXPECT_EQ(alice.auth().at("expires_in"), 1200);
}

TEST_F(Accounts, JoiningAnExistingWorkspaceNeedsAnInvitation) {
  EXPECT_EQ(sign_up("bob").json().at("code"), "auth.invitation_required");
  EXPECT_EQ(sign_up("bob", {{"workspace", "ACME"}}).status, 403);
}

TEST_F(Accounts, AnInvitationAdmitsOneUser) {
  const auto invitation = alice.post("/api/workspace/invitations", json::object());
  ASSERT_EQ(invitation.status, 201) << invitation.body;
  const auto token = invitation.json().at("token");
  const auto joined = sign_up("bob", {{"invitation", token}});
  ASSERT_EQ(joined.status, 201) << joined.body;
  EXPECT_EQ(joined.json().at("user").at("role"), "member");
  EXPECT_EQ(joined.json().at("workspace"), alice.auth().at("workspace"));
  const auto again = sign_up("carol", {{"invitation", token}});
  EXPECT_EQ(again.status, 422);
  EXPECT_EQ(again.json().at("errors")[0].at("field"), "invitation");
}

TEST_F(Accounts, AnInvitationIsValidForItsWorkspaceOnly) {
  const auto token = alice.post("/api/workspace/invitations", json::object()).json().at("token");
  EXPECT_EQ(sign_up("bob", {{"invitation", token}, {"workspace", "another"}}).status, 422);
}

TEST_F(Accounts, MembersMayNotInvite) {
  const auto token = alice.post("/api/workspace/invitations", json::object()).json().at("token");
  const Person bob{system, sign_up("bob", {{"invitation", token}}).json()};
  const auto reply = bob.post("/api/workspace/invitations", json::object());
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.json().at("code"), "auth.forbidden");
}

TEST_F(Accounts, AnEmailIsUniqueRegardlessOfCase) {
  const auto reply = system.post("/api/signup", {{"fullname", "Alice"},
                                                 {"email", "ALICE@acme.example"},
                                                 {"password", "another secret"},
                                                 {"workspace_name", "elsewhere"}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "auth.email_taken");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 1);
}

TEST_F(Accounts, SignInIgnoresTheCaseOfTheEmail) {
  const auto reply = system.post(
      "/api/signin", {{"email", "Alice@ACME.example"}, {"password", password_of("alice")}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("user"), alice.auth().at("user"));
}

TEST_F(Accounts, AWrongPasswordAndAnUnknownEmailGetTheSameResponse) {
  auto wrong = system.post("/api/signin",
                           {{"email", "alice@acme.example"}, {"password", "not hers at all"}});
  auto unknown = system.post("/api/signin",
                             {{"email", "unknown@acme.example"}, {"password", "not hers at all"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  auto first = wrong.json();
  auto second = unknown.json();
  first.erase("request_id");
  second.erase("request_id");
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.at("code"), "auth.invalid_credentials");
}

TEST_F(Accounts, TheAccessTokenHasTheDocumentedClaims) {
  const auto claims = claims_of(alice.token());
  EXPECT_EQ(claims.at("iss"), "fechatter-server");
  EXPECT_EQ(claims.at("aud"), "fechatter-web");
  EXPECT_EQ(claims.at("sub"), std::to_string(alice.id()));
  EXPECT_EQ(claims.at("exp").get<int>() - claims.at("iat").get<int>(), 1200);
  EXPECT_TRUE(claims.at("sid").is_string());
  for (const auto* name : {"id", "workspace_id", "fullname", "email", "status", "created_at"}) {
    EXPECT_EQ(claims.at("user").at(name), alice.auth().at("user").at(name)) << name;
  }
}

TEST_F(Accounts, ThePayloadOfATokenIsPlainBase64ForAnyName) {
  const std::string odd = "?>?>~~ Ünïcödé ?>~";
  const auto reply = system.post("/api/signup", {{"fullname", odd},
                                                 {"email", "odd@odd.example"},
                                                 {"password", password_of("odd")},
                                                 {"workspace", "odd"}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  const std::string token = reply.json().at("access_token");
  const auto first = token.find('.');
  const auto payload = token.substr(first + 1, token.find('.', first + 1) - first - 1);
  EXPECT_THAT(payload, Not(HasSubstr("-")));
  EXPECT_THAT(payload, Not(HasSubstr("_")));
  EXPECT_EQ(claims_of(token).at("user").at("fullname"), odd);
}

TEST_F(Accounts, ARefreshTokenIsAcceptedFromCookieHeaderAndBody) {
  auto reply = system.post("/api/refresh", json::object(),
                           {{"Cookie", "__Host-refresh_token=" + alice.refresh_token()}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  std::string token = reply.json().at("refresh_token");
  EXPECT_NE(token, alice.refresh_token());
  reply = system.post("/api/refresh", json::object(), {{"Authorization", "Bearer " + token}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  token = reply.json().at("refresh_token");
  EXPECT_EQ(refresh(token).status, 200);
}

TEST_F(Accounts, OneValidRefreshTokenAmongInvalidOnesIsEnough) {
  const auto reply = system.post("/api/refresh", {{"refresh_token", alice.refresh_token()}},
                                 {{"Cookie", "__Host-refresh_token=stale"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST_F(Accounts, TwoConcurrentRefreshesGetTheSameSuccessor) {
  const auto first = refresh(alice.refresh_token());
  const auto second = refresh(alice.refresh_token());
  ASSERT_EQ(first.status, 200);
  ASSERT_EQ(second.status, 200);
  EXPECT_EQ(first.json().at("refresh_token"), second.json().at("refresh_token"));
}

TEST_F(Accounts, SignOutEndsTheSessionAndItsTokens) {
  ASSERT_EQ(alice.post("/api/logout", json::object()).status, 200);
  EXPECT_EQ(alice.get("/api/chat").status, 401);
  EXPECT_EQ(refresh(alice.refresh_token()).status, 401);
}

TEST_F(Accounts, SignOutNeedsTheRefreshTokenOnly) {
  const auto reply = system.post("/api/logout", json::object(),
                                 {{"Cookie", "__Host-refresh_token=" + alice.refresh_token()}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(alice.get("/api/chat").status, 401);
  EXPECT_EQ(system.post("/api/logout", json::object()).status, 401);
}

TEST_F(Accounts, ATokenSignedWithAnotherKeyIsRefused) {
  System other{with_invitations()};
  const auto forged = other.signs_up("alice").bearer();
  EXPECT_EQ(system.get("/api/chat", forged).status, 401);
}

TEST_F(Accounts, ASuspendedUserCannotSignIn) {
  system.database->query("UPDATE users SET status = 'suspended'");
  const auto reply =
      system.post("/api/signin", {{"email", alice.email()}, {"password", password_of("alice")}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.json().at("code"), "auth.suspended");
  EXPECT_EQ(refresh(alice.refresh_token()).status, 401);
}

TEST_F(Accounts, SignOutEverywhereEndsAllSessions) {
  const auto second =
      system.post("/api/signin", {{"email", alice.email()}, {"password", password_of("alice")}});
  const Person elsewhere{system, second.json()};
  ASSERT_EQ(elsewhere.post("/api/logout-all", json::object()).status, 200);
  for (const auto& session : {alice, elsewhere}) {
    EXPECT_EQ(session.get("/api/chat").status, 401);
    EXPECT_EQ(refresh(session.refresh_token()).status, 401);
  }
}

TEST_F(Accounts, APasswordChangeEndsTheOtherSessions) {
  const auto second =
      system.post("/api/signin", {{"email", alice.email()}, {"password", password_of("alice")}});
  const Person elsewhere{system, second.json()};
  const auto reply =
      alice.post("/api/users/change-password",
                 {{"current_password", password_of("alice")}, {"new_password", "another one"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(alice.get("/api/chat").status, 200);
  EXPECT_EQ(elsewhere.get("/api/chat").status, 401);
  const auto sign_in = [&](const std::string& password) {
    return system.post("/api/signin", {{"email", alice.email()}, {"password", password}}).status;
  };
  EXPECT_EQ(sign_in(password_of("alice")), 401);
  EXPECT_EQ(sign_in("another one"), 200);
}

TEST_F(Accounts, APasswordChangeNeedsTheCurrentPassword) {
  const auto reply = alice.post("/api/users/change-password",
                                {{"current_password", "a guess"}, {"new_password", "another one"}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json().at("errors")[0].at("field"), "current_password");
}

TEST_F(Accounts, UsersOfTheWorkspaceAreListedSearchedAndPaged) {
  const auto token = alice.post("/api/workspace/invitations", json::object()).json().at("token");
  const Person bob{system, sign_up("bob", {{"invitation", token}}).json()};
  const auto mallory = system.signs_up("mallory", "another company");
  const auto ids = [&](const std::string& query) {
    std::vector<std::int64_t> found;
    const auto users = bob.get("/api/users" + query).json();
    for (const auto& user : users) found.push_back(user.at("id"));
    return found;
  };
  EXPECT_THAT(ids(""), testing::ElementsAre(alice.id(), bob.id()));
  EXPECT_THAT(ids("?q=ALI"), testing::ElementsAre(alice.id()));
  EXPECT_THAT(ids("?q=bob%40acme"), testing::ElementsAre(bob.id()));
  EXPECT_THAT(ids("?q=%25"), testing::IsEmpty());
  EXPECT_THAT(ids("?limit=1"), testing::ElementsAre(alice.id()));
  EXPECT_THAT(ids(fmt::format("?after_id={}", alice.id())), testing::ElementsAre(bob.id()));
}

TEST_F(Accounts, AProfileIsVisibleInItsWorkspaceOnly) {
  const auto mallory = system.signs_up("mallory", "another company");
  EXPECT_EQ(alice.get("/api/users/profile").json().at("data"), alice.auth().at("user"));
  const auto path = fmt::format("/api/users/{}/profile", alice.id());
  EXPECT_EQ(alice.get(path).json().at("data"), alice.auth().at("user"));
  EXPECT_EQ(mallory.get(path).status, 404);
}

TEST_F(Accounts, SecretsAreNeitherStoredNorLogged) {
  const auto stored = system.database->number(
      fmt::format("SELECT count(*) FROM refresh_tokens WHERE encode(hash, 'escape') LIKE '%{0}%' "
                  "OR encode(sealed_successor, 'escape') LIKE '%{0}%'",
                  alice.refresh_token()));
  EXPECT_EQ(stored, 0);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM users WHERE password_hash LIKE "
                                    "'$argon2id$v=19$%'"),
            1);
  for (const auto& secret : {alice.token(), alice.refresh_token(), std::string{"secret of"}}) {
    EXPECT_THAT(system.server.log(), Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace fechatter::test
