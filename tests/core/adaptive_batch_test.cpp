#include "fechatter_core/adaptive_batch.hpp"

#include <gtest/gtest.h>

namespace fechatter {
namespace {

TEST(AdaptiveBatch, IsHalvedByEachFailureDownToOne) {
  AdaptiveBatch batch{{512, 4096}};
  for (const std::size_t count : {512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 1, 1}) {
    EXPECT_EQ(batch.size().count, count);
    EXPECT_GE(batch.size().bytes, 1U);
    batch.failed();
  }
}

TEST(AdaptiveBatch, IsDoubledByEightSuccessesInARowUpToItsMaximum) {
  AdaptiveBatch batch{{512, 4096}};
  batch.failed();
  batch.failed();
  for (int i = 0; i < 7; ++i) batch.succeeded();
  EXPECT_EQ(batch.size().count, 128U);
  EXPECT_EQ(batch.size().bytes, 1024U);
  batch.succeeded();
  EXPECT_EQ(batch.size().count, 256U);
  for (int i = 0; i < 100; ++i) batch.succeeded();
  EXPECT_EQ(batch.size().count, 512U);
  EXPECT_EQ(batch.size().bytes, 4096U);
}

TEST(AdaptiveBatch, CountsSuccessesFromTheLastFailureOn) {
  AdaptiveBatch batch{{8, 8}};
  batch.failed();
  for (int i = 0; i < 7; ++i) batch.succeeded();
  batch.failed();
  for (int i = 0; i < 7; ++i) batch.succeeded();
  EXPECT_EQ(batch.size().count, 2U);
}

}  // namespace
}  // namespace fechatter
