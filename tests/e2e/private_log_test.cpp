#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

SystemOptions on(const PrivatePostgres& postgres) {
  SystemOptions options;
  options.database_url = postgres.url();
  options.migration_url = postgres.owner_url();
  options.start_notify = false;
  return options;
}

// What a request refuses because of another row is an outcome, not an error of PostgreSQL: errors
// are logged there with the values of the row.
TEST(PrivateLog, ARefusedDuplicateLeavesNoAddressAndNoNameInPostgresLog) {
  PrivatePostgres postgres;
  System system{on(postgres)};
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  const json again{{"fullname", "a second alice"},
                   {"email", "ALICE@acme.example"},
                   {"password", password_of("alice")},
                   {"workspace", "fresh workspace"}};
  EXPECT_EQ(system.post("/api/signup", again).status, 409);
  const auto first = alice.makes_chat("PublicChannel", {}, "Layoffs 2027");
  const json taken{{"chat_type", "PublicChannel"}, {"name", "layoffs 2027"}};
  EXPECT_EQ(bob.post("/api/chat", taken).status, 409);
  const auto other = bob.makes_chat("PublicChannel", {}, "other");
  EXPECT_EQ(bob.patch(fmt::format("/api/chat/{}", other), {{"name", "LAYOFFS 2027"}}).status, 409);
  alice.remove(fmt::format("/api/chat/{}", first));
  bob.makes_chat("PublicChannel", {}, "Layoffs 2027");
  const auto restored = alice.post(fmt::format("/api/chat/{}/restore", first), json::object());
  EXPECT_EQ(restored.json().at("name"), "Layoffs 2027 2");
  const auto log = postgres.log();
  ASSERT_FALSE(log.empty());
  EXPECT_THAT(log, Not(HasSubstr("duplicate key")));
  EXPECT_THAT(log, Not(HasSubstr("acme.example")));
  for (const auto* name : {"Layoffs 2027", "layoffs 2027", "LAYOFFS 2027"}) {
    EXPECT_THAT(log, Not(HasSubstr(name)));
  }
}

TEST(PrivateLog, ARefusedEditLeavesNoTextInPostgresLog) {
  PrivatePostgres postgres;
  System system{on(postgres)};
  const auto alice = system.signs_up("alice");
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  std::string file = "https://files.example/";
  file.resize(2048, 'x');
  const json large{{"content", "short"}, {"files", std::vector<std::string>(20, file)}};
  const auto sent = alice.tries_to_post(chat, large).json();
  const auto target = fmt::format("/api/chat/{}/messages/{}", chat, sent.at("id").get<int>());
  std::string text = "Layoffs 2027 ";
  for (int i = 0; i < 9900; ++i) text += "👩";
  EXPECT_EQ(alice.patch(target, {{"content", text}}).json().at("code"), "message.too_large");
  const auto log = postgres.log();
  ASSERT_FALSE(log.empty());
  EXPECT_THAT(log, Not(HasSubstr("Layoffs 2027")));
  EXPECT_THAT(log, Not(HasSubstr("files.example")));
}

// The workspace of a refused sign-up does not stay behind without an owner.
TEST(PrivateLog, ARefusedSignUpLeavesNoWorkspace) {
  System system{[] {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }()};
  system.signs_up("alice");
  const json again{{"fullname", "a second alice"},
                   {"email", "alice@acme.example"},
                   {"password", password_of("alice")},
                   {"workspace", "fresh workspace"}};
  const auto reply = system.post("/api/signup", again);
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "auth.email_taken");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM workspaces"), 1);
}

}  // namespace
}  // namespace fechatter::test
