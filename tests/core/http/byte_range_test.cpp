#include "fechatter_core/http/byte_range.hpp"

#include <gtest/gtest.h>

namespace fechatter::http {
namespace {

constexpr ByteRange behind_the_end{};

TEST(ByteRange, HasAFirstAndALastPosition) {
  EXPECT_EQ(parse_byte_range("bytes=0-0", 10), (ByteRange{0, 1}));
  EXPECT_EQ(parse_byte_range("bytes=2-5", 10), (ByteRange{2, 4}));
  EXPECT_EQ(parse_byte_range("bytes=0-9", 10), (ByteRange{0, 10}));
  EXPECT_EQ(parse_byte_range("Bytes= 2-5 ", 10), (ByteRange{2, 4}));
}

TEST(ByteRange, EndsAtTheEndOfTheBody) {
  EXPECT_EQ(parse_byte_range("bytes=9-", 10), (ByteRange{9, 1}));
  EXPECT_EQ(parse_byte_range("bytes=4-99", 10), (ByteRange{4, 6}));
  EXPECT_EQ(parse_byte_range("bytes=4-99999999999999999999999", 10), (ByteRange{4, 6}));
}

TEST(ByteRange, CountsFromTheEndWithoutAFirstPosition) {
  EXPECT_EQ(parse_byte_range("bytes=-3", 10), (ByteRange{7, 3}));
  EXPECT_EQ(parse_byte_range("bytes=-99", 10), (ByteRange{0, 10}));
}

TEST(ByteRange, BehindTheEndOfTheBodyIsNotSatisfiable) {
  EXPECT_EQ(parse_byte_range("bytes=10-", 10), behind_the_end);
  EXPECT_EQ(parse_byte_range("bytes=10-20", 10), behind_the_end);
  EXPECT_EQ(parse_byte_range("bytes=99999999999999999999999-", 10), behind_the_end);
  EXPECT_EQ(parse_byte_range("bytes=-0", 10), behind_the_end);
}

TEST(ByteRange, IsIgnoredUnlessItIsOneWellFormedRangeOfBytes) {
  for (const auto* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-2",
                             "bytes=1-2,4-5", "bytes=1--2", "bytes=+1-2", "bytes=1-2x", "items=1-2",
                             "bytes 1-2", "bytes=1 - 2", "bytes=0x1-2"}) {
    EXPECT_EQ(parse_byte_range(header, 10), std::nullopt) << header;
  }
}

TEST(ByteRange, OfAnEmptyBodyIsIgnored) {
  EXPECT_EQ(parse_byte_range("bytes=0-", 0), std::nullopt);
  EXPECT_EQ(parse_byte_range("bytes=-1", 0), std::nullopt);
}

}  // namespace
}  // namespace fechatter::http
