#include "fechatter_core/clock.hpp"

#include <gtest/gtest.h>

namespace fechatter {
namespace {

TEST(Clock, TimesAreWrittenAsRfc3339WithSixDecimals) {
  EXPECT_EQ(to_rfc3339(from_unix_micros(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(from_unix_micros(1'709'210'096'000'007)), "2024-02-29T12:34:56.000007Z");
}

TEST(Clock, MicrosecondsSurviveARoundTrip) {
  const auto moment = now();
  EXPECT_EQ(from_unix_micros(to_unix_micros(moment)), moment);
}

TEST(Clock, AWrittenTimeIsReadBack) {
  const auto moment = now();
  EXPECT_EQ(parse_rfc3339(to_rfc3339(moment)), moment);
}

TEST(Clock, AnyUtcOffsetIsRead) {
  const auto moment = from_unix_micros(1'709'210'096'000'000);
  for (const auto* text : {"2024-02-29T12:34:56Z", "2024-02-29t12:34:56z",
                           "2024-02-29T14:34:56+02:00", "2024-02-29T03:04:56-09:30"}) {
    EXPECT_EQ(parse_rfc3339(text), moment) << text;
  }
}

TEST(Clock, FractionsBelowAMicrosecondAreCutOff) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1234567Z"), from_unix_micros(123'456));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.5Z"), from_unix_micros(500'000));
}

TEST(Clock, AMalformedTimeIsRefused) {
  for (const auto* text : {"", "2024", "2024-02-30T00:00:00Z", "2024-02-29", "2024-02-29T12:34Z",
                           "2024-02-29T12:34:56", "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z",
                           "2024-02-29T12:34:56.Z", "2024-02-29T12:34:56+2:00",
                           "2024-02-29T12:34:56Zx", "2024-02-29 12:34:56Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Clock, ADateIsRead) {
  EXPECT_EQ(parse_day("1970-01-02"), from_unix_micros(86'400'000'000));
  for (const auto* text : {"", "1970-1-2", "1970-13-01", "1970-01-02x", "2023-02-29"}) {
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fechatter
