#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "tests/support/system.hpp"

// Which passwords are refused, and how the others are stored.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Passwords : public testing::Test {
 protected:
  static SystemOptions options(const Environment& settings = {}) {
    SystemOptions options;
    options.start_notify = false;
    options.server = settings;
    return options;
  }
  Reply signs_up_with(const std::string& password) {
    return system.post("/api/signup", {{"fullname", "Carol Kowalski"},
                                       {"email", fmt::format("carol{}@acme.example", ++people)},
                                       {"password", password},
                                       {"workspace", "acme"}});
  }
  Reply alice_changes_to(const std::string& password) {
    return alice.post("/api/users/change-password",
                      {{"current_password", password_of("alice")}, {"new_password", password}});
  }
  static void expect_refused(const Reply& reply, const std::string& code,
                             const std::string& field) {
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(reply.json().at("code"), code);
    EXPECT_EQ(reply.json().at("errors").at(0).at("field"), field);
  }
  std::string stored_hash() {
    return system.database->query("SELECT password_hash FROM users WHERE fullname = 'alice'")[0][0]
        .c_str();
  }

  System system{options()};
  Person alice = system.signs_up("alice");
  int people = 0;
};

TEST_F(Passwords, CommonOnesAreRefusedAtSignUpAndNothingIsStored) {
  for (const auto* common : {"password", "Password1", "12345678", "        "}) {
    expect_refused(signs_up_with(common), "auth.password_common", "password");
  }
  EXPECT_EQ(system.database->number("SELECT count(*) FROM users"), 1);
}

TEST_F(Passwords, OnesWithTheUsersNamesAreRefusedAtSignUp) {
  for (const auto* personal : {"my kowalski 9", "carol1 @ home", "love acme corp"}) {
    expect_refused(signs_up_with(personal), "auth.password_personal", "password");
  }
  EXPECT_EQ(signs_up_with("correct horse").status, 201);
}

TEST_F(Passwords, TheSameRulesHoldForAChange) {
  expect_refused(alice_changes_to("sunshine"), "auth.password_common", "new_password");
  expect_refused(alice_changes_to("in ALICE we trust"), "auth.password_personal", "new_password");
  expect_refused(alice_changes_to("all of acme"), "auth.password_personal", "new_password");
  EXPECT_EQ(alice_changes_to("correct horse").status, 200);
}

TEST_F(Passwords, TheNewOneIsNotTheOldOneInAnySpelling) {
  expect_refused(alice_changes_to(password_of("alice")), "auth.password_unchanged", "new_password");
  ASSERT_EQ(alice_changes_to("sch\u00f6ne aussicht").status, 200);
  const auto again =
      alice.post("/api/users/change-password", {{"current_password", "sch\u00f6ne aussicht"},
                                                {"new_password", "scho\u0308ne\u00a0aussicht"}});
  expect_refused(again, "auth.password_unchanged", "new_password");
}

TEST_F(Passwords, AWrongCurrentOneIsSaidFirst) {
  const auto reply = alice.post("/api/users/change-password",
                                {{"current_password", "a guess"}, {"new_password", "password"}});
  expect_refused(reply, "request.invalid_fields", "current_password");
}

TEST_F(Passwords, AHashWithFormerParametersIsRenewedAtSignIn) {
  const auto before = stored_hash();
  EXPECT_THAT(before, HasSubstr("$m=64,t=1,p=1$"));
  auto settings = options({{"FECHATTER_AUTH__PASSWORD_MEMORY_KIB", "128"},
                           {"FECHATTER_LIMITS__FAILURES_FREE", "1000"}});
  settings.database_url = system.database->url();
  System later{settings};
  const auto sign_in = [&](const std::string& password) {
    return later.post("/api/signin", {{"email", alice.email()}, {"password", password}}).status;
  };
  EXPECT_EQ(sign_in("not the password"), 401);
  EXPECT_EQ(stored_hash(), before);
  // Several at once: each succeeds, though one of them renews the hash.
  std::vector<std::future<int>> signing_in;
  for (int i = 0; i < 4; ++i) {
    signing_in.push_back(std::async(std::launch::async, sign_in, password_of("alice")));
  }
  for (auto& status : signing_in) EXPECT_EQ(status.get(), 200);
  const auto after = stored_hash();
  EXPECT_THAT(after, HasSubstr("$m=128,t=1,p=1$"));
  EXPECT_EQ(sign_in(password_of("alice")), 200);
  EXPECT_EQ(stored_hash(), after);
}

}  // namespace
}  // namespace fechatter::test
