#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::HasSubstr;

class SearchMaintenance : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // The output and the exit code of `fechatter_server search …`.
  std::pair<std::string, int> command(const std::vector<std::string>& arguments) {
    std::vector<std::string> line{server_program(), "search"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const auto out = system.folder.path(fmt::format("out {}", ++commands));
    Process process{line, out, {{"DATABASE_URL", system.database->url()}}};
    const auto code = process.wait();
    return {read_file(out), code};
  }
  std::int64_t found(const std::string& word) {
    return alice.get("/api/search/messages?q=" + word).json().at("total");
  }
  // Ages the messages so that `verify` compares them, and deletes the events so that none of them
  // is indexed again.
  void age_messages() {
    system.database->query(
        "UPDATE messages SET created_at = created_at - interval '1 hour';"
        "UPDATE search_documents SET version = version - interval '1 hour';"
        "DELETE FROM outbox");
  }

  System system{options()};
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PublicChannel", {}, "general");
  int commands = 0;
};

TEST_F(SearchMaintenance, VerifyFindsAndRepairsMissingDocuments) {
  alice.posts(chat, "red");
  ASSERT_TRUE(eventually([this] { return found("red") == 1; }));
  age_messages();
  EXPECT_EQ(command({"verify"}).second, 0);
  system.database->query("DELETE FROM search_documents");
  const auto [output, code] = command({"verify"});
  EXPECT_THAT(output, HasSubstr("1 messages: 1 missing, 0 stale, 0 extra"));
  EXPECT_EQ(code, 1);
  EXPECT_EQ(command({"verify", "--repair"}).second, 0);
  EXPECT_EQ(found("red"), 1);
}

TEST_F(SearchMaintenance, AnIndexIsRebuiltWhileTheOtherIsServed) {
  alice.posts(chat, "red");
  ASSERT_TRUE(eventually([this] { return found("red") == 1; }));
  const auto before = system.database->number("SELECT serving FROM search_state");
  EXPECT_EQ(command({"reindex"}).second, 0);
  EXPECT_GT(system.database->number("SELECT serving FROM search_state"), before);
  EXPECT_EQ(found("red"), 1);
}

TEST_F(SearchMaintenance, ASecondRebuildWaitsForTheFirst) {
  postgres::Connection other{system.database->url()};
  other.run_script("SELECT pg_advisory_lock(hashtext('fechatter_search'))");
  const auto out = system.folder.path("waits");
  Process process{
      {server_program(), "search", "reindex"}, out, {{"DATABASE_URL", system.database->url()}}};
  EXPECT_TRUE(eventually([&] { return read_file(out).find("waiting") != std::string::npos; }));
  EXPECT_EQ(system.database->number("SELECT count(building) FROM search_state"), 0);
  other.close();
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(SearchMaintenance, AnIndexOfAnotherVersionIsRebuiltAutomatically) {
  alice.posts(chat, "red");
  ASSERT_TRUE(eventually([this] { return found("red") == 1; }));
  age_messages();
  system.database->query(
      "DELETE FROM search_documents; UPDATE search_state SET serving_version = 0");
  EXPECT_TRUE(eventually([this] { return found("red") == 1; }));
}

// The relay republishes recent events only; older losses reach the index by this verification.
TEST_F(SearchMaintenance, TheIndexIsRepairedAfterALossOfTheStream) {
  alice.posts(chat, "red");
  ASSERT_TRUE(eventually([this] { return found("red") == 1; }));
  ASSERT_TRUE(
      eventually([this] { return system.database->number("SELECT epoch FROM search_state") > 0; }));
  age_messages();
  system.database->query("DELETE FROM search_documents");
  EXPECT_EQ(found("red"), 0);
  system.nats.kill();
  system.nats.lose_store();
  system.nats.start();
  alice.posts(chat, "green");
  EXPECT_TRUE(eventually([this] { return found("red") == 1 && found("green") == 1; },
                         std::chrono::seconds{30}));
}

TEST_F(SearchMaintenance, TheDocumentsOfAnErasedChatAreRemoved) {
  alice.posts(chat, "red");
  ASSERT_TRUE(eventually([this] { return found("red") == 1; }));
  EXPECT_EQ(alice.remove(fmt::format("/api/chat/{}", chat)).status, 204);
  EXPECT_EQ(found("red"), 0);
  system.database->query("UPDATE chats SET erase_at = now() - interval '2 minutes'");
  EXPECT_TRUE(eventually(
      [this] { return system.database->number("SELECT count(*) FROM search_documents") == 0; }));
}

class SearchOutage : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {
        {"FECHATTER_SEARCH__PROVIDER", "meilisearch"},
        {"FECHATTER_SEARCH__MEILISEARCH_URL", fmt::format("http://127.0.0.1:{}", free_port())}};
    return options;
  }
  System system{options()};
  Person alice = system.signs_up("alice");
};

TEST_F(SearchOutage, OnlySearchIsUnavailable) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", "red"}}).status, 201);
  const auto reply = alice.get("/api/search/messages?q=red");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.json().at("code"), "search.unavailable");
  EXPECT_FALSE(reply.header("retry-after").empty());
}

TEST_F(SearchOutage, HealthIsDegraded) {
  const auto reply = system.get("/health");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json().at("status"), "degraded");
  EXPECT_EQ(reply.json().at("meilisearch_status"), "unavailable");
}

}  // namespace
}  // namespace fechatter::test
