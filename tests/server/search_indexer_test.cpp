#include "fechatter_server/search/search_indexer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>

#include "fechatter_core/error.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/dead_letters.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// An index that fails, or refuses the text "poison", as a test asks.
class FaultyIndex : public SearchIndex {
 public:
  awaitable<std::vector<IndexMatch>> find(IndexQuery) override {
    co_return std::vector<IndexMatch>{};
  }
  void apply(const std::vector<IndexedMessage>& messages) override {
    const std::lock_guard lock{mutex};
    ++calls;
    if (away) throw Error{ErrorCode::search_unavailable, "away"};
    const auto refused = [](const IndexedMessage& message) { return message.content == "poison"; };
    if (std::any_of(messages.begin(), messages.end(), refused)) throw IndexRefusal{"too\nbad"};
    for (const auto& message : messages) contents.push_back(message.content);
  }
  awaitable<> check() override { co_return; }

  std::vector<std::string> indexed() {
    const std::lock_guard lock{mutex};
    return contents;
  }

  std::mutex mutex;
  bool away = false;
  int calls = 0;
  std::vector<std::string> contents;
};

class SearchIndexing : public testing::Test {
 protected:
  SearchIndexing() { stream.create(); }

  void publish(const std::string& bytes, const std::string& type = "NewMessage") {
    connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, type), bytes);
    connection.ping(std::chrono::seconds{2});
  }
  static std::string event_of(const std::string& content) {
    return fmt::format(
        R"({{"event_id":{},"type":"NewMessage","workspace_id":1,"chat_id":1,"seq":1,)"
        R"("occurred_at":"2026-01-01T00:00:00Z","audience":"chat","data":{{"id":7,"sender_id":3,)"
        R"("content":"{}","files":[],"created_at":"2026-01-01T00:00:00.5Z","edited_at":null}}}})",
        1, content);
  }
  std::unique_ptr<SearchIndexer> run() {
    nats::WorkerSettings settings;
    settings.nats = nats.as_server("test");
    settings.name = "search";
    settings.limits.max = 256;
    return std::make_unique<SearchIndexer>(settings, index);
  }
  bool indexes(std::size_t count) {
    return test::eventually([&] { return index.indexed().size() >= count; });
  }
  // The dead letters: subject, reason and bytes.
  std::vector<std::string> dead_letters() {
    std::vector<std::string> found;
    for (const auto& letter : test::read_dead_letters(connection)) {
      found.push_back(
          fmt::format("{} {}: {}", letter.subject, letter.reason, letter.data.substr(0, 12)));
    }
    return found;
  }

  test::NatsServer nats;
  nats::Connection connection{{nats.url(), "test"}};
  nats::JetStream stream{connection};
  FaultyIndex index;
};

TEST_F(SearchIndexing, ANewMessageIsIndexed) {
  const auto indexer = run();
  publish(event_of("red"));
  ASSERT_TRUE(indexes(1));
  EXPECT_THAT(index.indexed(), ElementsAre("red"));
}

TEST_F(SearchIndexing, AnEventFromBeforeTheStartIsIndexed) {
  publish(event_of("red"));
  const auto indexer = run();
  ASSERT_TRUE(indexes(1));
}

TEST_F(SearchIndexing, AnIndexedEventIsNotRedelivered) {
  publish(event_of("red"));
  {
    const auto indexer = run();
    ASSERT_TRUE(indexes(1));
  }
  const auto indexer = run();
  publish(event_of("green"));
  ASSERT_TRUE(indexes(2));
  EXPECT_THAT(index.indexed(), ElementsAre("red", "green"));
}

TEST_F(SearchIndexing, InstancesShareTheEvents) {
  const auto one = run();
  const auto other = run();
  for (int i = 0; i < 50; ++i) publish(event_of(std::to_string(i)));
  ASSERT_TRUE(indexes(50));
  auto indexed = index.indexed();
  std::sort(indexed.begin(), indexed.end());
  EXPECT_EQ(std::unique(indexed.begin(), indexed.end()), indexed.end());
}

TEST_F(SearchIndexing, EventsOfOtherKindsAreAcked) {
  const auto indexer = run();
  auto joined = event_of("x");
  joined.replace(joined.find("NewMessage"), 10, "UserJoined");
  publish(joined, "UserJoinedChat");
  publish(event_of("red"));
  ASSERT_TRUE(indexes(1));
  EXPECT_THAT(index.indexed(), ElementsAre("red"));
  EXPECT_THAT(dead_letters(), IsEmpty());
}

TEST_F(SearchIndexing, EventsAreRedeliveredUntilTheIndexIsBack) {
  index.away = true;
  const auto indexer = run();
  publish(event_of("red"));
  publish(event_of("green"));
  ASSERT_TRUE(test::eventually([this] {
    const std::lock_guard lock{index.mutex};
    return index.calls > 0;
  }));
  {
    const std::lock_guard lock{index.mutex};
    index.away = false;
  }
  ASSERT_TRUE(indexes(2));
  EXPECT_THAT(index.indexed(), UnorderedElementsAre("red", "green"));
}

TEST_F(SearchIndexing, APoisonMessageIsDeadLetteredAndTheOthersAreIndexed) {
  publish(event_of("red"));
  publish(event_of("poison"));
  publish(event_of("green"));
  const auto indexer = run();
  ASSERT_TRUE(indexes(2));
  EXPECT_THAT(index.indexed(), UnorderedElementsAre("red", "green"));
  ASSERT_TRUE(test::eventually([this] { return !dead_letters().empty(); }));
  EXPECT_THAT(dead_letters(), ElementsAre("fechatter.v1.dead.search too bad: {\"event_id\":"));
}

TEST_F(SearchIndexing, BytesThatAreNoEventAreDeadLettered) {
  publish("no event");
  publish(event_of("red"));
  const auto indexer = run();
  ASSERT_TRUE(indexes(1));
  ASSERT_TRUE(test::eventually([this] { return !dead_letters().empty(); }));
  EXPECT_EQ(dead_letters().size(), 1U);
}

TEST_F(SearchIndexing, IndexingContinuesAfterALossOfTheStream) {
  const auto indexer = run();
  publish(event_of("red"));
  ASSERT_TRUE(indexes(1));
  nats.kill();
  nats.lose_store();
  nats.start();
  nats::Connection again{{nats.url(), "test"}};
  nats::JetStream{again}.create();
  again.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "NewMessage"), event_of("green"));
  again.ping(std::chrono::seconds{2});
  ASSERT_TRUE(indexes(2));
}

TEST(IndexedMessages, AnEditHasTheTimeOfTheEdit) {
  const auto edited = indexed_message_of(
      R"({"event_id":1,"type":"MessageUpdated","workspace_id":2,"chat_id":3,"seq":1,)"
      R"("occurred_at":"2026-01-01T00:00:00Z","audience":"chat","data":{"id":7,"sender_id":4,)"
      R"("content":"new","files":["https://x/y.pdf"],"attachments":[{"name":"plan.pdf"}],)"
      R"("created_at":"2026-01-01T00:00:00Z",)"
      R"("edited_at":"2026-01-02T00:00:00Z"}})");
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->id, MessageId{7});
  EXPECT_EQ(edited->workspace_id, WorkspaceId{2});
  EXPECT_EQ(edited->chat_id, ChatId{3});
  EXPECT_EQ(edited->sender_id, UserId{4});
  EXPECT_EQ(edited->version, *parse_rfc3339("2026-01-02T00:00:00Z"));
  EXPECT_EQ(edited->created_at, *parse_rfc3339("2026-01-01T00:00:00Z"));
  EXPECT_THAT(edited->files, ElementsAre("https://x/y.pdf"));
  EXPECT_THAT(edited->file_names, ElementsAre("plan.pdf"));
}

TEST(IndexedMessages, AnEventWithoutItsFieldsIsRefused) {
  EXPECT_THROW(indexed_message_of(
                   R"({"event_id":1,"type":"NewMessage","workspace_id":2,"chat_id":3,"seq":1,)"
                   R"("occurred_at":"2026-01-01T00:00:00Z","audience":"chat","data":{"id":7}})"),
               std::invalid_argument);
}

}  // namespace
}  // namespace fechatter::server
