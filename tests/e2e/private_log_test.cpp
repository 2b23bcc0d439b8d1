#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

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

// The other conflicts: many that make the same Single at once, a second block, a user that is added
// twice, an idempotency key that is used again.
TEST(PrivateLog, NoOtherConflictLeavesAnythingInPostgresLog) {
  PrivatePostgres postgres;
  System system{on(postgres)};
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  const json single{{"chat_type", "Single"}, {"members", {bob.id()}}};
  std::vector<std::thread> together;
  for (int i = 0; i < 8; ++i) {
    together.emplace_back([&] { EXPECT_LT(alice.post("/api/chat", single).status, 300); });
  }
  for (auto& one : together) one.join();
  const auto channel = alice.makes_chat("PrivateChannel", {bob.id()}, "Layoffs 2027");
  const auto members = fmt::format("/api/chat/{}/members", channel);
  EXPECT_LT(alice.post(members, {{"members", {bob.id()}}}).status, 500);
  const Headers key{{"Idempotency-Key", "00000000-0000-4000-8000-000000000001"}};
  EXPECT_EQ(alice.tries_to_post(channel, {{"content", "a secret text"}}, key).status, 201);
  EXPECT_EQ(alice.tries_to_post(channel, {{"content", "a secret text"}}, key).status, 200);
  EXPECT_EQ(alice.tries_to_post(channel, {{"content", "another text"}}, key).status, 422);
  for (int i = 0; i < 2; ++i) {
    const auto block = fmt::format("/api/users/{}/block", alice.id());
    EXPECT_EQ(system.send("PUT", block, {}, bob.bearer()).status, 204);
  }
  const auto log = postgres.log();
  ASSERT_FALSE(log.empty());
  for (const auto* text : {"duplicate key", "acme.example", "Layoffs", "secret text"}) {
    EXPECT_THAT(log, Not(HasSubstr(text)));
  }
}

// A violation that no function foresees: PostgreSQL logs which rule it breaks, and not the row.
TEST(PrivateLog, AnUnforeseenViolationIsLoggedWithoutItsRow) {
  PrivatePostgres postgres;
  System system{on(postgres)};
  system.signs_up("alice");
  postgres::Connection owner{postgres.owner_url()};
  const std::string insert =
      "INSERT INTO users (workspace_id, fullname, email, email_key, password_hash)"
      " SELECT workspace_id, fullname, email, email_key, left(password_hash, {}) FROM users";
  EXPECT_THROW(owner.run_script(fmt::format(fmt::runtime(insert), 8)), pqxx::unique_violation);
  EXPECT_THROW(owner.run_script(fmt::format(fmt::runtime(insert), 0)), pqxx::check_violation);
  const auto log = postgres.log();
  EXPECT_THAT(log, HasSubstr("idx_users_email"));
  EXPECT_THAT(log, HasSubstr("users_password_hash_check"));
  EXPECT_THAT(log, Not(HasSubstr("acme.example")));
  EXPECT_THAT(log, Not(HasSubstr("DETAIL")));
}

TEST(PrivateLog, ARefusedEditLeavesNoTextInPostgresLog) {
  PrivatePostgres postgres;
  System system{on(postgres)};
  const auto alice = system.signs_up("alice");
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  std::string file = "https://files.example/";
  file.resize(2048, 'x');
  const auto sent = alice.posts(chat, "short");
  // As a message of before files were uploaded here.
  postgres::Connection owner{postgres.owner_url()};
  owner.run_script(
      fmt::format("UPDATE messages SET files = array_fill('{}'::text, '{{20}}')", file));
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
