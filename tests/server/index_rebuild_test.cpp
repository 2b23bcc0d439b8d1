#include "fechatter_server/search/index_rebuild.hpp"

#include "tests/server/postgres_index_fixture.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IndexRebuilds : public PostgresIndexes {
 protected:
  IndexRebuild rebuild(int slices = 1'000, BatchSize slice_max = {128, 1U << 20U}) {
    slices_left = slices;
    return {database.url(), maintenance, [this](const IndexProgress&) { --slices_left; },
            [this] { return slices_left <= 0; }, slice_max};
  }
  void store_many(int count) {
    database.query(
        fmt::format("INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
                    " SELECT 1, 1, 1, i, 'word' || i FROM generate_series(1, {}) i",
                    count));
  }
  std::int64_t documents() {
    return database.number(
        "SELECT count(*) FROM search_documents, search_state WHERE generation = serving");
  }
  // Makes all messages old enough to be compared.
  void age_messages() {
    database.query("UPDATE messages SET created_at = created_at - interval '1 minute'");
  }

  int slices_left = 0;
};

TEST_F(IndexRebuilds, ABuildIndexesTheStoredMessages) {
  store("a red message");
  EXPECT_FALSE(maintenance.is_up_to_date());
  EXPECT_TRUE(rebuild().build());
  EXPECT_TRUE(maintenance.is_up_to_date());
  EXPECT_THAT(found("red"), ElementsAre(1));
}

TEST_F(IndexRebuilds, AnInterruptedBuildIsNotServedAndIsResumed) {
  store_many(1'200);
  EXPECT_FALSE(rebuild(1).build());
  EXPECT_THAT(found("word1"), IsEmpty());
  EXPECT_EQ(database.number("SELECT built_up_to FROM search_state"), 128);
  auto second = rebuild();
  EXPECT_TRUE(second.build());
  EXPECT_EQ(1'000 - slices_left, 9);  // of 128 messages at most
  EXPECT_EQ(documents(), 1'200);
}

TEST_F(IndexRebuilds, ASliceEndsWithTheMessageThatFillsIt) {
  database.query(
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
      " SELECT 1, 1, 1, i, repeat('word ', 200) FROM generate_series(1, 10) i");
  EXPECT_TRUE(rebuild(1'000, {1'000, 3'000}).build());
  EXPECT_EQ(1'000 - slices_left, 3 + 1);  // three messages of 1,000 bytes each, and the last one
  EXPECT_EQ(documents(), 10);
  EXPECT_TRUE(rebuild(1'000, {1'000, 1}).build());
  EXPECT_EQ(1'000 - slices_left, 10);
}

TEST_F(IndexRebuilds, AMessageDuringABuildIsInBothIndexes) {
  store_many(600);
  EXPECT_FALSE(rebuild(1).build());
  index.apply({message(9'000, "fresh")});
  EXPECT_THAT(found("fresh"), ElementsAre(9'000));
  EXPECT_TRUE(rebuild().build());
  EXPECT_THAT(found("fresh"), ElementsAre(9'000));
}

TEST_F(IndexRebuilds, AFinishedBuildRemovesTheFormerIndex) {
  store("red");
  EXPECT_TRUE(rebuild().build());
  EXPECT_TRUE(rebuild().build());
  EXPECT_EQ(database.number("SELECT count(*) FROM search_documents"), 1);
  EXPECT_EQ(database.number("SELECT count(DISTINCT generation) FROM search_documents"), 1);
}

TEST_F(IndexRebuilds, VerifyRepairsMissingStaleAndExtraDocuments) {
  store("red");
  store("green");
  store("blue");
  age_messages();
  EXPECT_TRUE(rebuild().build());
  database.query("DELETE FROM search_documents WHERE message_id = 1");
  database.query(
      "UPDATE messages SET content = 'yellow', edited_at = created_at + interval '1 second'"
      " WHERE id = 2");
  database.query("DELETE FROM messages WHERE id = 3");
  store("purple");
  const auto expect = [](const IndexDifferences& found) {
    EXPECT_EQ(found.missing, 1U);
    EXPECT_EQ(found.stale, 1U);
    EXPECT_EQ(found.extra, 1U);
  };
  expect(rebuild().verify({}, false));
  expect(rebuild().verify({}, true));
  EXPECT_TRUE(rebuild().verify({}, false).none());
  EXPECT_THAT(found("yellow"), ElementsAre(2));
  EXPECT_THAT(found("green"), IsEmpty());
  EXPECT_THAT(found("red"), ElementsAre(1));
}

TEST_F(IndexRebuilds, AnEventThatMayBeInFlightIsNoDifference) {
  store("red");
  EXPECT_TRUE(rebuild().verify({}, false).none());
}

TEST_F(IndexRebuilds, ADeletedMessageNeedsNoDocument) {
  store("red");
  age_messages();
  database.query("UPDATE messages SET content = '', deleted_at = created_at");
  EXPECT_TRUE(rebuild().verify({}, false).none());
}

TEST_F(IndexRebuilds, OneWorkspaceIsRewrittenInPlace) {
  store("red");
  rebuild().rewrite({WorkspaceId{2}, {}});
  EXPECT_THAT(found("red"), IsEmpty());
  rebuild().rewrite({WorkspaceId{1}, {}});
  EXPECT_THAT(found("red"), ElementsAre(1));
}

TEST_F(IndexRebuilds, APassResumesAfterAGivenMessage) {
  store("red");
  store("red again");
  rebuild().rewrite({std::nullopt, MessageId{1}});
  EXPECT_THAT(found("red"), ElementsAre(2));
}

}  // namespace
}  // namespace fechatter::server
