#include "fechatter_core/clock.hpp"

#include <gtest/gtest.h>

namespace fechatter {
namespace {

TEST(Clock, WritesRfc3339WithSixDecimals) {
  EXPECT_EQ(to_rfc3339(from_unix_micros(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(from_unix_micros(1'709'210'096'000'007)), "2024-02-29T12:34:56.000007Z");
}

TEST(Clock, KeepsMicroseconds) {
  const auto moment = now();
  EXPECT_EQ(from_unix_micros(to_unix_micros(moment)), moment);
}

}  // namespace
}  // namespace fechatter
