#include "notify_server/log/dedup_bitmap.hpp"

#include <gtest/gtest.h>

namespace fechatter::notify {
namespace {

TEST(DedupBitmap, AnIdIsNewOnce) {
  DedupBitmap delivered;
  EXPECT_TRUE(delivered.insert(EventId{5}));
  EXPECT_FALSE(delivered.insert(EventId{5}));
}

TEST(DedupBitmap, IdsMayComeInAnyOrder) {
  DedupBitmap delivered;
  for (const int id : {1000, 1002, 999, 1001}) EXPECT_TRUE(delivered.insert(EventId{id})) << id;
  for (const int id : {999, 1000, 1001, 1002}) EXPECT_FALSE(delivered.insert(EventId{id})) << id;
}

TEST(DedupBitmap, AnIdBelowTheWindowCountsAsDelivered) {
  DedupBitmap delivered{128};
  delivered.insert(EventId{1000});
  EXPECT_FALSE(delivered.insert(EventId{1000 - 128}));
  EXPECT_TRUE(delivered.insert(EventId{1000 - 127}));
}

TEST(DedupBitmap, AnIdThatReusesTheBitOfAnOldIdIsNew) {
  DedupBitmap delivered{128};
  delivered.insert(EventId{10});
  EXPECT_TRUE(delivered.insert(EventId{10 + 128}));
}

TEST(DedupBitmap, SkippedIdsAreNew) {
  DedupBitmap delivered{128};
  for (int id = 1; id <= 128; ++id) delivered.insert(EventId{id});
  delivered.insert(EventId{200});
  for (int id = 129; id < 200; ++id) EXPECT_TRUE(delivered.insert(EventId{id})) << id;
  EXPECT_FALSE(delivered.insert(EventId{100}));
}

TEST(DedupBitmap, AnIdBeyondTheWholeWindowClearsTheBitmap) {
  DedupBitmap delivered{128};
  for (int id = 1; id <= 128; ++id) delivered.insert(EventId{id});
  delivered.insert(EventId{1'000'000});
  for (int id = 1'000'000 - 127; id < 1'000'000; ++id) {
    EXPECT_TRUE(delivered.insert(EventId{id})) << id;
  }
}

}  // namespace
}  // namespace fechatter::notify
