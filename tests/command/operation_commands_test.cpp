#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "fechatter_server/command/doctor_dependencies.hpp"
#include "tests/command/command_fixture.hpp"
#include "tests/support/balancer.hpp"

// `workspace list`, `outbox status`, `doctor`.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OperationCommands : public CommandTest {
 protected:
  explicit OperationCommands(SystemOptions options = without_notify())
      : CommandTest{std::move(options)} {}
  // The states by the names of the checks.
  std::map<std::string, std::string> examine(int code, const std::vector<std::string>& options = {},
                                             const std::string& typed = {}) const {
    std::vector<std::string> arguments{"doctor"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto report = object(arguments, code, typed);
    std::map<std::string, std::string> states;
    for (const auto& check : report.value("checks", json::array())) {
      states[check.at("check")] = check.at("state");
    }
    return states;
  }
};

TEST_F(OperationCommands, AWorkspaceIsListedWithItsOwnerAndWhatItHolds) {
  const auto chat = alice.makes_chat("Single", {bob.id()});
  alice.posts(chat, "one");
  alice.posts(chat, "two");
  system.signs_up("zoe", "zoo");
  const auto listed = object({"workspace", "list"}).at("workspaces");
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].at("name"), "acme");
  EXPECT_EQ(listed[0].at("owner"), alice.email());
  EXPECT_EQ(listed[0].at("users_active"), 2);
  EXPECT_EQ(listed[0].at("chats"), 1);
  EXPECT_EQ(listed[0].at("messages"), 2);
  EXPECT_GE(listed[0].at("message_bytes"), 6);
  const auto after = std::to_string(listed[0].at("id").get<std::int64_t>());
  const auto rest = object({"workspace", "list", "--after", after}).at("workspaces");
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].at("name"), "zoo");
  EXPECT_THAT(run({"workspace", "list"}).out, HasSubstr("acme"));
}

TEST_F(OperationCommands, TheOutboxIsEmptyOnceAllIsPublished) {
  alice.makes_chat("Single", {bob.id()});
  const auto published = [&] {
    const auto status = object({"outbox", "status"});
    return status.at("pending") == 0 && status.at("last_event_id") > 0;
  };
  ASSERT_TRUE(eventually(published));
  const auto status = object({"outbox", "status"});
  EXPECT_EQ(status.at("lease").at("held"), true);
  EXPECT_EQ(status.at("epoch"), 1);
  EXPECT_EQ(run({"outbox", "status", "--age-max", "60"}).code, 0);
}

TEST_F(OperationCommands, AnEventThatWaitsTooLongIsExitCodeOne) {
  system.nats.kill();
  alice.makes_chat("Single", {bob.id()});
  database.query(
      "UPDATE outbox SET created_at = created_at - interval '5 seconds'"
      " WHERE stream_seq IS NULL");
  const auto status = object({"outbox", "status", "--age-max", "2"}, 1);
  EXPECT_GE(status.at("pending"), 1);
  EXPECT_GE(status.at("oldest_age_seconds"), 5);
}

TEST_F(OperationCommands, DoctorSaysThatATestsDatabaseIsNotDurable) {
  const auto states = examine(1);
  // scratch_postgres has neither.
  EXPECT_EQ(states.at("postgres.fsync"), "bad");
  EXPECT_EQ(states.at("postgres.full_page_writes"), "bad");
  EXPECT_EQ(states.at("postgres.synchronous_commit"), "good");
  for (const auto* check : {"postgres.reachable", "postgres.clock", "postgres.schema",
                            "postgres.role", "postgres.notify_role", "nats.jetstream",
                            "keys.private", "keys.mode", "files.store", "search.index"}) {
    EXPECT_EQ(states.at(check), "good") << check;
  }
  EXPECT_EQ(states.at("nats.sync"), "unknown");
}

TEST_F(OperationCommands, DoctorNamesAKeyThatOthersMayReadAndASchemaThatIsNotWhatItShouldBe) {
  std::filesystem::permissions(system.folder.path("private.pem"),
                               std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  database.query("UPDATE schema_migrations SET checksum = '\\x00' WHERE version = 2");
  const auto states = examine(1);
  EXPECT_EQ(states.at("keys.mode"), "bad");
  EXPECT_EQ(states.at("postgres.schema"), "bad");
}

TEST_F(OperationCommands, DoctorWithoutADependencyIsExitCodeThree) {
  system.nats.kill();
  auto states = examine(3);
  EXPECT_EQ(states.at("nats.version"), "unreachable");
  EXPECT_EQ(states.at("postgres.reachable"), "good");
  environment["DATABASE_URL"] =
      fmt::format("postgresql://fechatter_app@127.0.0.1:{}/fechatter", free_port());
  states = examine(3);
  EXPECT_EQ(states.at("postgres.reachable"), "unreachable");
  EXPECT_EQ(states.at("keys.private"), "good");
}

// Both servers, behind a gateway of one origin.
class DoctorOfAGateway : public OperationCommands {
 protected:
  DoctorOfAGateway() : OperationCommands{SystemOptions{}} {}
  std::map<std::string, std::string> examine_from(const std::string& url, int code,
                                                  const std::string& password) const {
    return examine(code, {"--public-url", url, "--email", alice.email()}, password + "\n");
  }

  Balancer gateway{{system.server.port()}, {system.notify.port()}};
  const std::string origin = fmt::format("http://127.0.0.1:{}", gateway.origin_port());
};

// Exit code 1 is that of the database, which is not durable in tests.
TEST_F(DoctorOfAGateway, SeesAnEventComeThroughIt) {
  const auto states = examine_from(origin, 1, password_of("alice"));
  EXPECT_EQ(states.at("public.server"), "good");
  EXPECT_EQ(states.at("public.events"), "good");
  EXPECT_EQ(states.at("public.stream"), "good");
}

TEST_F(DoctorOfAGateway, SaysThatItHoldsEventsBack) {
  const auto states = examine_from(origin + "/held", 1, password_of("alice"));
  EXPECT_EQ(states.at("public.events"), "good");
  EXPECT_EQ(states.at("public.stream"), "bad");
}

TEST_F(DoctorOfAGateway, SaysThatItLeadsToOneServerOnlyOrToNone) {
  const auto one = fmt::format("http://127.0.0.1:{}", gateway.server_port());
  EXPECT_EQ(examine(1, {"--public-url", one}).at("public.events"), "bad");
  const auto none = fmt::format("http://127.0.0.1:{}", free_port());
  EXPECT_EQ(examine(3, {"--public-url", none}).at("public.address"), "unreachable");
}

TEST_F(DoctorOfAGateway, AWrongPasswordIsNoStream) {
  EXPECT_EQ(examine_from(origin, 1, "not the password").at("public.stream"), "bad");
}

TEST_F(OperationCommands, VersionsAreComparedAsNumbers) {
  EXPECT_TRUE(server::is_at_least("2.10.23", "2.10.23"));
  EXPECT_TRUE(server::is_at_least("2.11.0-dev", "2.10.23"));
  EXPECT_TRUE(server::is_at_least("10.0.0", "2.10.23"));
  EXPECT_FALSE(server::is_at_least("2.9.25", "2.10.23"));
  EXPECT_FALSE(server::is_at_least("2.10.3", "2.10.23"));
  EXPECT_FALSE(server::is_at_least("", "2.10.23"));
}

}  // namespace
}  // namespace fechatter::test
