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

class MeilisearchMaintenanceTest : public test::FakeMeilisearch {
 protected:
  void build_whole(const std::vector<IndexedMessage>& messages) {
    maintenance.begin_build();
    if (!messages.empty()) maintenance.build(messages);
    maintenance.finish_build();
  }
  bool refuses_to_finish() {
    try {
      maintenance.finish_build();
    } catch (const IndexRefusal&) {
      return true;
    }
    return false;
  }

  MeilisearchMaintenance maintenance{settings()};
};

TEST_F(MeilisearchMaintenanceTest, AFinishedBuildReplacesTheServedIndex) {
  index.apply({message(1, "of before")});
  maintenance.begin_build();
  maintenance.build({message(1, "anew")});
  EXPECT_EQ(document(1).at("words"), (json{"þof þbefore"}));
  maintenance.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þanew"}));
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchMaintenanceTest, ABuildNeedsNoFormerIndexAndNoMessages) {
  EXPECT_FALSE(maintenance.is_up_to_date());
  build_whole({});
  EXPECT_TRUE(maintenance.is_up_to_date());
  EXPECT_EQ(index.prepare(), State::current);
}

TEST_F(MeilisearchMaintenanceTest, AMessageDuringABuildIsInBothIndexes) {
  maintenance.begin_build();
  index.apply({edited(message(1, "hello"), "hello, world")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  maintenance.build({message(1, "hello"), message(2, "second")});
  maintenance.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þhello þworld"}));
  EXPECT_EQ(document(2).at("words"), (json{"þsecond"}));
}

TEST_F(MeilisearchMaintenanceTest, AnInterruptedBuildIsResumed) {
  EXPECT_EQ(maintenance.begin_build(), MessageId{0});
  maintenance.build({message(1, "first"), message(7, "seventh")});
  index.apply({message(9, "written meanwhile")});  // does not change the progress of the build
  MeilisearchMaintenance next{settings()};
  EXPECT_EQ(next.begin_build(), MessageId{7});
  next.build({message(8, "eighth"), message(9, "written meanwhile")});
  next.finish_build();
  EXPECT_EQ(document(1).at("words"), (json{"þfirst"}));
  EXPECT_EQ(document(8).at("words"), (json{"þeighth"}));
  EXPECT_TRUE(next.is_up_to_date());
}

TEST_F(MeilisearchMaintenanceTest, ABuildOfAnotherVersionIsDropped) {
  maintenance.begin_build();
  maintenance.build({message(9, "left over")});
  fake.with_model([](auto& model) {
    model.indexes["messages_next"].documents[marker_id]["index_version"] =
        messages_index_version + 1;
  });
  MeilisearchMaintenance next{settings()};
  EXPECT_EQ(next.begin_build(), MessageId{0});
  next.finish_build();
  EXPECT_TRUE(document(9).is_null());
}

TEST_F(MeilisearchMaintenanceTest, AnUnfinishedIndexIsNotServed) {
  index.apply({message(1, "hello")});
  maintenance.begin_build();
  maintenance.build({message(1, "anew")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
  EXPECT_EQ(index.prepare(), State::unbuilt);
  EXPECT_FALSE(maintenance.is_up_to_date());
}

TEST_F(MeilisearchMaintenanceTest, ABuildIsNotFinishedTwice) {
  build_whole({message(1, "hello")});
  EXPECT_TRUE(refuses_to_finish());
  EXPECT_FALSE(has_index("messages_next"));
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchMaintenanceTest, ABuildIndexWithoutSettingsIsNotWritten) {
  fake.with_model([](auto& model) { model.indexes["messages_next"] = {}; });
  index.apply({message(1, "hello")});
  EXPECT_TRUE(document(1, "messages_next").is_null());
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchMaintenanceTest, ABuildDoesNotRecreateADroppedIndex) {
  EXPECT_EQ(test::refusal_of([&] { maintenance.build({message(1, "hello")}); }), "index_not_found");
  EXPECT_FALSE(has_index("messages_next"));
}

TEST_F(MeilisearchMaintenanceTest, VersionsAreThoseOfTheMessages) {
  const auto gone = deleted(message(2, "world"));
  auto elsewhere = message(3, "of another user");
  elsewhere.workspace_id = WorkspaceId{77};
  build_whole({message(1, "hello"), gone, elsewhere, message(4, "beyond")});
  const MessageId first{0};
  const MessageId last{3};
  EXPECT_THAT(maintenance.versions({first, last, {}}),
              ElementsAre(Pair(MessageId{1}, message(1, "").version),
                          Pair(MessageId{2}, gone.version), Pair(MessageId{3}, elsewhere.version)));
  EXPECT_THAT(maintenance.versions({first, last, WorkspaceId{77}}),
              ElementsAre(Pair(MessageId{3}, elsewhere.version)));
}

TEST_F(MeilisearchMaintenanceTest, ARepairWritesIntoTheServedIndex) {
  build_whole({});
  maintenance.put({message(1, "hello")});
  EXPECT_EQ(document(1).at("words"), (json{"þhello"}));
}

TEST_F(MeilisearchMaintenanceTest, ARemovedMessageIsInNeitherIndex) {
  build_whole({message(1, "hello")});
  maintenance.begin_build();
  maintenance.build({message(1, "hello")});
  maintenance.remove({MessageId{1}});
  EXPECT_TRUE(document(1).is_null());
  maintenance.finish_build();
  EXPECT_TRUE(document(1).is_null());
}

}  // namespace
}  // namespace fechatter::server
