#include "fechatter_server/search/meilisearch_rebuild.hpp"

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "tests/meilisearch/index_fixture.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::deleted;
using test::edited;
using test::message;
using State = MeilisearchIndex::State;

class MeilisearchRebuildTest : public test::IndexInAFake {
 protected:
  MeilisearchRebuild rebuild{settings()};
};

TEST_F(MeilisearchRebuildTest, TheNewOneTakesThePlaceOfTheOldOne) {
  index.apply({message(1, "of before")});
  rebuild.begin();
  rebuild.fill({message(1, "anew")});
  EXPECT_EQ(document(1).at("words"), (json{"þof þbefore"}));
  rebuild.finish();
  EXPECT_EQ(document(1).at("words"), (json{"þanew"}));
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchRebuildTest, ItNeedsNoIndexOfBefore) {
  rebuild.begin();
  rebuild.fill({message(1, "hello")});
  rebuild.finish();
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchRebuildTest, WhatIsAppliedMeanwhileIsInBoth) {
  rebuild.begin();
  index.apply({edited(message(1, "hello"), "hello, world")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  rebuild.fill({message(1, "hello"), message(2, "second")});
  rebuild.finish();
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  EXPECT_EQ(document(2).at("words"), (json{"þsecond"}));
}

TEST_F(MeilisearchRebuildTest, WhatSomebodyElseHasLeftIsThrownAway) {
  rebuild.begin();
  rebuild.fill({message(9, "left over")});
  MeilisearchRebuild next{settings()};
  next.begin();
  next.finish();
  EXPECT_TRUE(document(9).is_null());
}

TEST_F(MeilisearchRebuildTest, GivenUpItLeavesTheLiveOneAlone) {
  index.apply({message(1, "hello")});
  rebuild.begin();
  rebuild.fill({message(1, "anew")});
  rebuild.abandon();
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
  EXPECT_EQ(index.prepare(), State::unbuilt);
}

TEST_F(MeilisearchRebuildTest, AnIndexBesideThatNobodyHasGivenSettingsIsNotWritten) {
  fake.with_model([](auto& model) { model.indexes["messages_next"] = {}; });
  index.apply({message(1, "hello")});
  EXPECT_TRUE(document(1, "messages_next").is_null());
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchRebuildTest, FillingAnIndexThatIsGoneDoesNotMakeOneWithoutSettings) {
  rebuild.begin();
  rebuild.abandon();
  EXPECT_EQ(test::refusal_of([&] { rebuild.fill({message(1, "hello")}); }), "index_not_found");
  EXPECT_FALSE(has_index("messages_next"));
}

TEST_F(MeilisearchRebuildTest, TheStoredVersionsAreThoseOfTheMessages) {
  const auto gone = deleted(message(2, "world"));
  rebuild.begin();
  rebuild.fill({message(1, "hello"), gone, message(3, "beyond")});
  rebuild.finish();
  const auto stored = rebuild.stored(MessageId{0}, MessageId{3});
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].id, MessageId{1});
  EXPECT_EQ(stored[0].version, message(1, "").version);
  EXPECT_FALSE(stored[0].deleted);
  EXPECT_EQ(stored[1].version, gone.version);
  EXPECT_TRUE(stored[1].deleted);
}

TEST_F(MeilisearchRebuildTest, ARepairWritesIntoTheLiveOne) {
  rebuild.begin();
  rebuild.finish();
  rebuild.repair({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

}  // namespace
}  // namespace fechatter::server
