#include "fechatter_server/search/meilisearch_maintenance.hpp"

#include "tests/meilisearch/fake_index_fixture.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::deleted;
using test::edited;
using test::message;
using testing::ElementsAre;
using testing::Pair;
using State = MeilisearchIndex::State;

class MeilisearchUpkeepTest : public test::IndexInAFake {
 protected:
  void build_whole(const std::vector<IndexedMessage>& messages) {
    upkeep.begin_build();
    if (!messages.empty()) upkeep.build(messages);
    upkeep.finish_build();
  }
  bool refuses_to_finish() {
    try {
      upkeep.finish_build();
    } catch (const IndexRefusal&) {
      return true;
    }
    return false;
  }

  MeilisearchMaintenance upkeep{settings()};
};

TEST_F(MeilisearchUpkeepTest, TheNewOneTakesThePlaceOfTheOldOne) {
  index.apply({message(1, "of before")});
  upkeep.begin_build();
  upkeep.build({message(1, "anew")});
  EXPECT_EQ(document(1).at("words"), (json{"þof þbefore"}));
  upkeep.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þanew"}));
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchUpkeepTest, ItNeedsNoIndexOfBeforeAndNoMessages) {
  EXPECT_FALSE(upkeep.is_up_to_date());
  build_whole({});
  EXPECT_TRUE(upkeep.is_up_to_date());
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchUpkeepTest, WhatIsAppliedMeanwhileIsInBoth) {
  upkeep.begin_build();
  index.apply({edited(message(1, "hello"), "hello, world")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  upkeep.build({message(1, "hello"), message(2, "second")});
  upkeep.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  EXPECT_EQ(document(2).at("words"), (json{"þsecond"}));
}

TEST_F(MeilisearchUpkeepTest, ABuildThatWasInterruptedGoesOn) {
  EXPECT_EQ(upkeep.begin_build(), MessageId{0});
  upkeep.build({message(1, "first"), message(7, "seventh")});
  index.apply({message(9, "written meanwhile")});  // says nothing of how far the build has come
  MeilisearchMaintenance next{settings()};
  EXPECT_EQ(next.begin_build(), MessageId{7});
  next.build({message(8, "eighth"), message(9, "written meanwhile")});
  next.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þfirst"}));
  EXPECT_EQ(document(8).at("words"), (json{"þeighth"}));
  EXPECT_TRUE(next.is_up_to_date());
}

TEST_F(MeilisearchUpkeepTest, WhatOtherRulesHaveBegunIsThrownAway) {
  upkeep.begin_build();
  upkeep.build({message(9, "left over")});
  fake.with_model([](auto& model) {
    model.indexes["messages_next"].documents[marker_id]["index_version"] =
        messages_index_version + 1;
  });
  MeilisearchMaintenance next{settings()};
  EXPECT_EQ(next.begin_build(), MessageId{0});
  next.finish_build();
  EXPECT_TRUE(document(9).is_null());
}

TEST_F(MeilisearchUpkeepTest, HalfAnIndexIsNotServed) {
  index.apply({message(1, "hello")});
  upkeep.begin_build();
  upkeep.build({message(1, "anew")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
  EXPECT_EQ(index.prepare(), State::unbuilt);
  EXPECT_FALSE(upkeep.is_up_to_date());
}

TEST_F(MeilisearchUpkeepTest, WhatSomebodyElseHasFinishedIsNotFinishedTwice) {
  build_whole({message(1, "hello")});
  EXPECT_TRUE(refuses_to_finish());
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchUpkeepTest, AnIndexBesideThatNobodyHasGivenSettingsIsNotWritten) {
  fake.with_model([](auto& model) { model.indexes["messages_next"] = {}; });
  index.apply({message(1, "hello")});
  EXPECT_TRUE(document(1, "messages_next").is_null());
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchUpkeepTest, BuildingAnIndexThatIsGoneDoesNotMakeOneWithoutSettings) {
  EXPECT_EQ(test::refusal_of([&] { upkeep.build({message(1, "hello")}); }), "index_not_found");
  EXPECT_FALSE(has_index("messages_next"));
}

TEST_F(MeilisearchUpkeepTest, TheVersionsAreThoseOfTheMessages) {
  const auto gone = deleted(message(2, "world"));
  auto elsewhere = message(3, "of somebody else");
  elsewhere.workspace_id = WorkspaceId{77};
  build_whole({message(1, "hello"), gone, elsewhere, message(4, "beyond")});
  const MessageId first{0};
  const MessageId last{3};
  EXPECT_THAT(upkeep.versions({first, last, {}}),
              ElementsAre(Pair(MessageId{1}, message(1, "").version),
                          Pair(MessageId{2}, gone.version), Pair(MessageId{3}, elsewhere.version)));
  EXPECT_THAT(upkeep.versions({first, last, WorkspaceId{77}}),
              ElementsAre(Pair(MessageId{3}, elsewhere.version)));
}

TEST_F(MeilisearchUpkeepTest, ARepairWritesIntoTheLiveOne) {
  build_whole({});
  upkeep.put({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchUpkeepTest, WhatIsRemovedIsInNeither) {
  build_whole({message(1, "hello")});
  upkeep.begin_build();
  upkeep.build({message(1, "hello")});
  upkeep.remove({MessageId{1}});
  EXPECT_TRUE(document(1).is_null());
  upkeep.finish_build();
  EXPECT_TRUE(document(1).is_null());
}

}  // namespace
}  // namespace fechatter::server
