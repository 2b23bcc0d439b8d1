#include "fechatter_server/search/meilisearch_client.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <set>
#include <sstream>

#include "tests/meilisearch/meilisearch_fake.hpp"
#include "tests/meilisearch/messages.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::is_unavailable;
using test::refusal_of;
using testing::HasSubstr;
using testing::Not;
using Fault = test::MeilisearchFake::Fault;
using Kind = Fault::Kind;

class MeilisearchClientTest : public testing::Test {
 protected:
  MeilisearchSettings settings() const {
    MeilisearchSettings settings;
    settings.url = server.url();
    settings.answer_timeout = std::chrono::milliseconds{2000};
    settings.task_timeout = std::chrono::milliseconds{2000};
    return settings;
  }

  // The answer to a request about a task that fails with that error.
  std::string outcome_of(const std::string& code, const std::string& type) {
    server.with_model([&](auto& model) { model.task_error = model.error(code, type); });
    MeilisearchClient client{settings()};
    const auto task = client.add_documents("messages", documents);
    try {
      client.await(task);
    } catch (const MeilisearchRefusal& refusal) {
      return std::string{refusal.code()};
    } catch (const Error& error) {
      return std::string{error.info().code};
    }
    return "succeeded";
  }

  test::MeilisearchFake server;
  const json documents = json::array({{{"id", 1}, {"content", "hello"}}});
};

TEST_F(MeilisearchClientTest, HealthAndVersionAreRead) {
  MeilisearchClient client{settings()};
  client.check_health();
  EXPECT_EQ(client.version(), "1.12.8");
}

TEST_F(MeilisearchClientTest, TheKeyIsSentAsABearer) {
  server.ask_for_key("secret");
  auto with_key = settings();
  with_key.key = "secret";
  MeilisearchClient client{with_key};
  EXPECT_EQ(client.version(), "1.12.8");
  EXPECT_EQ(server.asked().back().authorization, "Bearer secret");
}

TEST_F(MeilisearchClientTest, WithoutAKeyNoneIsSent) {
  MeilisearchClient client{settings()};
  client.version();
  EXPECT_EQ(server.asked().back().authorization, "");
}

TEST_F(MeilisearchClientTest, AWrongKeyOrNoneMakesSearchUnavailable) {
  server.ask_for_key("secret");
  MeilisearchClient none{settings()};
  EXPECT_TRUE(is_unavailable([&] { none.version(); }));
  auto other = settings();
  other.key = "guess";
  MeilisearchClient wrong{other};
  EXPECT_TRUE(is_unavailable([&] { wrong.version(); }));
}

TEST_F(MeilisearchClientTest, TheKeyIsInNoLogLineAndAFailureIsLoggedOnce) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  server.stop();
  auto with_key = settings();
  with_key.key = "secret";
  MeilisearchClient client{with_key};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_unavailable([&] { client.search("messages", {}); }));
  spdlog::set_default_logger(before);
  EXPECT_THAT(log.str(), HasSubstr("POST /indexes/messages/search"));
  EXPECT_THAT(log.str(), Not(HasSubstr("secret")));
  EXPECT_EQ(log.str().find("meilisearch:"), log.str().rfind("meilisearch:"));
}

TEST_F(MeilisearchClientTest, SearchIsUnavailableUntilTheServerListens) {
  MeilisearchClient client{settings()};
  client.check_health();
  server.stop();
  EXPECT_TRUE(is_unavailable([&] { client.check_health(); }));
  server.start();
  client.check_health();
}

TEST_F(MeilisearchClientTest, TheConnectionIsReused) {
  MeilisearchClient client{settings()};
  client.version();
  EXPECT_EQ(refusal_of([&] { client.settings("messages"); }), "index_not_found");
  client.await(client.add_documents("messages", documents));
  std::set<int> connections;
  for (const auto& asked : server.asked()) connections.insert(asked.connection);
  EXPECT_EQ(connections.size(), 1U);
}

TEST_F(MeilisearchClientTest, AConnectionThatTheServerHasClosedIsOpenedAgain) {
  MeilisearchClient client{settings()};
  client.version();
  server.stop();
  server.start();
  EXPECT_EQ(client.version(), "1.12.8");
}

TEST_F(MeilisearchClientTest, ASlowAnswerTimesOut) {
  auto hasty = settings();
  hasty.answer_timeout = std::chrono::milliseconds{50};
  MeilisearchClient client{hasty};
  server.misbehave({Kind::slow, {}, 1, "/version"});
  EXPECT_TRUE(is_unavailable([&] { client.version(); }));
}

TEST_F(MeilisearchClientTest, AConnectionCutWithinTheAnswerMakesSearchUnavailable) {
  MeilisearchClient client{settings()};
  server.misbehave({Kind::cut_within, {}, 1, {}});
  EXPECT_TRUE(is_unavailable([&] { client.version(); }));
  EXPECT_EQ(client.version(), "1.12.8");
}

TEST_F(MeilisearchClientTest, AConnectionCutBeforeTheAnswerMakesSearchUnavailable) {
  MeilisearchClient client{settings()};
  server.misbehave({Kind::cut_before, {}, 2, {}});
  EXPECT_TRUE(is_unavailable([&] { client.version(); }));
}

TEST_F(MeilisearchClientTest, AFailureOfTheServerMakesSearchUnavailable) {
  const auto said = [](const char* code, const char* type) {
    return test::MeilisearchModel::error(code, type);
  };
  const std::vector<test::ModelAnswer> answers{
      {503, said("too_many_search_requests", "system")},
      {422, said("no_space_left_on_device", "system")},
      {500, said("internal", "internal")},
      {429, "slow down"},
      {502, "<html>a gateway</html>"},
      {404, "<html>another server</html>"},
      {302, ""},
      {200, "no JSON"},
      {200, "[]"},
      {200, json::object()},
  };
  for (const auto& answer : answers) {
    MeilisearchClient client{settings()};
    server.misbehave({Kind::answer, answer, 1, {}});
    EXPECT_TRUE(is_unavailable([&] { client.search("messages", {}); })) << answer.body;
  }
}

TEST_F(MeilisearchClientTest, AMissingIndexIsARefusalWithTheCodeAlone) {
  MeilisearchClient client{settings()};
  try {
    client.search("messages", {{"q", "hello"}});
    ADD_FAILURE() << "found";
  } catch (const MeilisearchRefusal& refusal) {
    EXPECT_STREQ(refusal.what(), "index_not_found");
    EXPECT_TRUE(refusal.is_missing_index());
    EXPECT_FALSE(refusal.is_about_documents());
  }
}

TEST_F(MeilisearchClientTest, AMissingDocumentIsNothing) {
  MeilisearchClient client{settings()};
  client.await(client.create_index("messages", "id"));
  EXPECT_FALSE(client.find_document("messages", 1));
  client.await(client.add_documents("messages", documents));
  EXPECT_EQ(client.find_document("messages", 1)->at("content"), "hello");
}

TEST_F(MeilisearchClientTest, ATaskIsAwaitedUntilItHasSucceeded) {
  MeilisearchClient client{settings()};
  client.await(client.add_documents("messages", documents));
  EXPECT_EQ(server.asked("GET", "/tasks/0").size(), 3U);  // enqueued, processing, succeeded
  EXPECT_EQ(client.count_documents("messages"), 1);
}

TEST_F(MeilisearchClientTest, ATaskThatTimesOutMakesSearchUnavailable) {
  server.with_model([](auto& model) { model.tasks_move = false; });
  auto hasty = settings();
  hasty.task_timeout = std::chrono::milliseconds{50};
  MeilisearchClient client{hasty};
  const auto task = client.add_documents("messages", documents);
  EXPECT_TRUE(is_unavailable([&] { client.await(task); }));
}

TEST_F(MeilisearchClientTest, ATaskThatFailsBecauseOfADocumentIsARefusal) {
  EXPECT_EQ(outcome_of("invalid_document_id", "invalid_request"), "invalid_document_id");
  EXPECT_TRUE(MeilisearchRefusal{"invalid_document_id"}.is_about_documents());
}

TEST_F(MeilisearchClientTest, ATaskThatFailsOtherwiseMakesSearchUnavailable) {
  EXPECT_EQ(outcome_of("internal", "internal"), "search.unavailable");
  EXPECT_EQ(outcome_of("no_space_left_on_device", "system"), "search.unavailable");
}

TEST_F(MeilisearchClientTest, AnUnknownTaskIsARefusal) {
  MeilisearchClient client{settings()};
  EXPECT_EQ(refusal_of([&] { client.await(MeilisearchTaskId{77}); }), "task_not_found");
}

TEST_F(MeilisearchClientTest, SettingsAreChangedOneByOne) {
  MeilisearchClient client{settings()};
  client.await(client.create_index("messages", "id"));
  client.await(client.update_settings("messages", {{"facetSearch", false}}));
  client.await(client.update_settings("messages", {{"stopWords", {"the"}}}));
  EXPECT_EQ(client.settings("messages"), (json{{"facetSearch", false}, {"stopWords", {"the"}}}));
}

TEST_F(MeilisearchClientTest, IndexesAreSwapped) {
  MeilisearchClient client{settings()};
  client.await(client.create_index("one", "id"));
  client.await(client.add_documents("other", documents));
  client.await(client.swap_indexes("one", "other"));
  EXPECT_EQ(client.count_documents("one"), 1);
  EXPECT_EQ(client.count_documents("other"), 0);
  client.await(client.delete_index("other"));
  EXPECT_EQ(refusal_of([&] { client.count_documents("other"); }), "index_not_found");
  const auto again = client.delete_index("other");
  EXPECT_EQ(refusal_of([&] { client.await(again); }), "index_not_found");
}

TEST_F(MeilisearchClientTest, DocumentsAreDeletedById) {
  MeilisearchClient client{settings()};
  client.await(client.add_documents("messages", json::array({{{"id", 1}}, {{"id", 2}}})));
  client.await(client.delete_documents("messages", {1, 99}));
  EXPECT_FALSE(client.find_document("messages", 1));
  EXPECT_TRUE(client.find_document("messages", 2));
}

}  // namespace
}  // namespace fechatter::server
