#include "fechatter_server/search/meilisearch_index.hpp"

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "tests/meilisearch/fake_index_fixture.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::deleted;
using test::edited;
using test::is_unavailable;
using test::message;
using test::prefix;
using test::query;
using test::word;
using testing::ElementsAre;
using testing::IsEmpty;
using Fault = test::MeilisearchFake::Fault;
using Kind = Fault::Kind;
using State = MeilisearchIndex::State;

class MeilisearchIndexTest : public test::FakeMeilisearch {
 protected:
  json hit(std::int64_t id) const {
    return {{"id", id}, {"chat_id", 7}, {"sender_id", 5}, {"created_at", id}, {"version", id}};
  }
};

TEST_F(MeilisearchIndexTest, ApplyReturnsWhenTheMessageIsInTheIndex) {
  index.apply({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
  EXPECT_EQ(document(1), to_document(message(1, "hello")));
}

TEST_F(MeilisearchIndexTest, SettingsAreSetBeforeTheFirstMessage) {
  index.apply({message(1, "hello")});
  EXPECT_EQ(fake.with_model([](auto& model) { return model.indexes["messages"].settings; }),
            messages_settings());
}

TEST_F(MeilisearchIndexTest, AnEmptyBatchSendsNoRequest) {
  index.apply({});
  EXPECT_THAT(fake.asked(), IsEmpty());
}

TEST_F(MeilisearchIndexTest, AnOlderVersionNeverReplacesANewerOne) {
  const auto first = message(1, "hello");
  index.apply({edited(first, "hello, world")});
  index.apply({first});
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
}

TEST_F(MeilisearchIndexTest, TheNewestVersionOfABatchIsWritten) {
  const auto first = message(1, "hello");
  index.apply({first, edited(first, "second", std::chrono::seconds{5}), edited(first, "first")});
  EXPECT_EQ(document(1).at("words"), (json{"þsecond"}));
}

TEST_F(MeilisearchIndexTest, ALateEventDoesNotRestoreADeletedMessage) {
  const auto first = message(1, "hello");
  index.apply({deleted(first)});
  index.apply({first, edited(first, "hello, world")});
  EXPECT_EQ(document(1).at("deleted"), true);
  EXPECT_EQ(document(1).at("words"), json::array());
}

TEST_F(MeilisearchIndexTest, ARedeliveredMessageIsWrittenOnce) {
  index.apply({message(1, "hello"), message(2, "world")});
  index.apply({message(1, "hello"), message(2, "world")});
  EXPECT_EQ(fake.with_model([](auto& model) { return model.indexes["messages"].documents.size(); }),
            2U);
}

TEST_F(MeilisearchIndexTest, ALongListIsWrittenInBatches) {
  std::vector<IndexedMessage> many;
  for (int id = 1; id <= 2001; ++id) many.push_back(message(id, "hello"));
  index.apply(many);
  EXPECT_EQ(fake.asked("POST", "/indexes/messages/documents?").size(), 3U);
  EXPECT_FALSE(document(2001).is_null());
}

TEST_F(MeilisearchIndexTest, ApplyFailsWhileMeilisearchIsAway) {
  fake.stop();
  EXPECT_TRUE(is_unavailable([&] { index.apply({message(1, "hello")}); }));
  fake.start();
  index.apply({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchIndexTest, ALostAnswerDoesNoHarm) {
  index.prepare();
  fake.misbehave({Kind::cut_within, {}, 1, "/indexes/messages/documents?"});
  EXPECT_TRUE(is_unavailable([&] { index.apply({message(1, "hello")}); }));
  index.apply({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchIndexTest, ATaskThatFailsBecauseOfADocumentIsARefusal) {
  index.prepare();
  fake.with_model([](auto& model) {
    model.task_error = model.error("invalid_document_id", "invalid_request");
  });
  try {
    index.apply({message(1, "hello")});
    ADD_FAILURE() << "applied";
  } catch (const IndexRefusal& refusal) {
    EXPECT_STREQ(refusal.what(), "invalid_document_id");
  }
}

TEST_F(MeilisearchIndexTest, ATaskThatFailsBecauseOfTheServerCanBeRetried) {
  index.prepare();
  fake.with_model([](auto& model) {
    model.task_error = model.error("database_size_limit_reached", "internal");
  });
  EXPECT_TRUE(is_unavailable([&] { index.apply({message(1, "hello")}); }));
}

TEST_F(MeilisearchIndexTest, AnIndexThatHasDisappearedIsCreatedAndUnbuilt) {
  index.apply({message(1, "hello")});
  fake.with_model([](auto& model) { model.indexes.clear(); });
  EXPECT_TRUE(is_unavailable([&] { index.apply({message(2, "world")}); }));
  index.apply({message(2, "world")});
  EXPECT_EQ(fake.with_model([](auto& model) { return model.indexes["messages"].settings; }),
            messages_settings());
  EXPECT_EQ(index.prepare(), State::unbuilt);
}

TEST_F(MeilisearchIndexTest, MatchesComeInOrder) {
  index.prepare();
  fake.with_model([&](auto& model) { model.hits = {hit(1), hit(2)}; });
  EXPECT_THAT(test::ids_of(find(query({word("hello")}))), ElementsAre(2, 1));
  const auto asked = fake.asked("POST", "/indexes/messages/search");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].body, search_body("þhello ", filter_text(query({})), SearchSort::relevance));
}

TEST_F(MeilisearchIndexTest, AHitMatchesAllTerms) {
  index.prepare();
  fake.with_model([&](auto& model) {
    model.hits_by_text["þconf"] = {hit(1), hit(2), hit(3)};
    model.hits_by_text["þpars"] = {hit(3), hit(1)};
  });
  EXPECT_THAT(test::ids_of(find(query({prefix("conf"), prefix("pars")}))), ElementsAre(3, 1));
  EXPECT_EQ(fake.asked("POST", "/indexes/messages/search").at(1).body.at("filter"),
            filter_text(query({})) + " AND id IN [3, 2, 1]");
}

TEST_F(MeilisearchIndexTest, ACallerWithoutChatsFindsNothingWithoutARequest) {
  auto nowhere = query({word("hello")});
  nowhere.chats.clear();
  EXPECT_THAT(find(nowhere), IsEmpty());
  EXPECT_THAT(fake.asked(), IsEmpty());
}

TEST_F(MeilisearchIndexTest, WithoutAnIndexSearchIsUnavailable) {
  EXPECT_TRUE(is_unavailable([&] { find(query({word("hello")})); }));
}

TEST_F(MeilisearchIndexTest, SearchIsUnavailableWhileMeilisearchIsAway) {
  index.prepare();
  fake.stop();
  EXPECT_TRUE(is_unavailable([&] { find(query({word("hello")})); }));
  fake.start();
  EXPECT_THAT(find(query({word("hello")})), IsEmpty());
}

TEST_F(MeilisearchIndexTest, AHitOfAnotherFormMakesSearchUnavailable) {
  index.prepare();
  fake.with_model([](auto& model) { model.hits = {{{"id", "one"}}}; });
  EXPECT_TRUE(is_unavailable([&] { find(query({word("hello")})); }));
}

TEST_F(MeilisearchIndexTest, TheCheckSendsASearch) {
  EXPECT_TRUE(is_unavailable([&] { check(); }));
  index.prepare();
  EXPECT_TRUE(check());
  fake.ask_for_key("secret");
  EXPECT_TRUE(is_unavailable([&] { check(); }));
}

TEST_F(MeilisearchIndexTest, ANewIndexIsUnbuilt) {
  EXPECT_EQ(index.prepare(), State::unbuilt);
  EXPECT_EQ(index.prepare(), State::unbuilt);
}

TEST_F(MeilisearchIndexTest, ChangedSettingsAreSetAgain) {
  index.prepare();
  fake.with_model([](auto& model) { model.indexes["messages"].settings["rankingRules"] = {}; });
  index.prepare();
  EXPECT_EQ(fake.with_model([](auto& model) { return model.indexes["messages"].settings; }),
            messages_settings());
  const auto before = fake.asked("PATCH", "/").size();
  index.prepare();
  EXPECT_EQ(fake.asked("PATCH", "/").size(), before);
}

TEST_F(MeilisearchIndexTest, AnIndexOfAnotherVersionKeepsItsSettings) {
  // Not 0: the version of an index without one.
  for (const auto version : {messages_index_version + 1, messages_index_version - 1}) {
    fake.with_model([&](auto& model) {
      model.indexes["messages"].documents[0] = {{"id", 0}, {"index_version", version}};
    });
    const auto state = version > messages_index_version ? State::current : State::unbuilt;
    EXPECT_EQ(index.prepare(), state);
    EXPECT_THAT(fake.asked("PATCH", "/"), IsEmpty());
  }
}

}  // namespace
}  // namespace fechatter::server
