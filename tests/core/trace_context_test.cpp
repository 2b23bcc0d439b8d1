#include "fechatter_core/trace_context.hpp"

#include <gmock/gmock.h>

namespace fechatter {
namespace {

constexpr std::string_view sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, OfATraceparentIsWhatItSays) {
  const auto context = parse_traceparent(sampled);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_high, 0x0af7651916cd43ddU);
  EXPECT_EQ(context->trace_low, 0x8448eb211c80319cU);
  EXPECT_EQ(context->span, 0xb7ad6b7169203331U);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(to_traceparent(*context), sampled);
  EXPECT_EQ(trace_id_text(*context), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span_id_text(context->span), "b7ad6b7169203331");
}

TEST(TraceContext, KeepsLeadingZeros) {
  constexpr std::string_view text = "00-0000000000000001000000000000000a-0000000000000002-00";
  const auto context = parse_traceparent(text);
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->sampled);
  EXPECT_EQ(to_traceparent(*context), text);
}

// Unknown flags are ignored, as is what a later version has behind the fields of this one.
TEST(TraceContext, OfALaterVersionIsReadByTheFieldsOfThisOne) {
  for (const auto* text : {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"}) {
    const auto context = parse_traceparent(text);
    ASSERT_TRUE(context) << text;
    EXPECT_EQ(to_traceparent(*context), sampled);
  }
}

TEST(TraceContext, IsNoneOfAnythingElse) {
  for (const auto* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
                           "00-0af7651916cd43dd8448eb211c8031-c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"}) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

}  // namespace
}  // namespace fechatter
