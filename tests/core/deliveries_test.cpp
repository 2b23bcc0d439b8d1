#include "fechatter_core/event/deliveries.hpp"

#include <gmock/gmock.h>

namespace fechatter::event {
namespace {

TEST(Deliveries, AreReadAsTheyWereWritten) {
  const Delivery one{ChatId{7}, UserId{8}, 9, from_unix_micros(1'700'000'000'000'001)};
  const auto read = parse_deliveries(to_text(std::span{&one, 1}));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().chat, one.chat);
  EXPECT_EQ(read->front().user, one.user);
  EXPECT_EQ(read->front().seq, one.seq);
  EXPECT_EQ(read->front().at, one.at);
}

TEST(Deliveries, OfANewerServerMayHaveMore) {
  EXPECT_TRUE(parse_deliveries(R"({"version":2,"delivered":[[1,2,3,4,5]],"more":true})"));
}

TEST(Deliveries, ThatAreMalformedAreRefused) {
  for (const auto* text :
       {"", "[]", "{}", R"({"delivered":7})", R"({"delivered":[7]})", R"({"delivered":[[1,2,3]]})",
        R"({"delivered":[[0,2,3,4]]})", R"({"delivered":[[1,2,3.5,4]]})",
        R"({"delivered":[[1,2,3,253402300800000000]]})", R"({"delivered":[["1",2,3,4]]})"}) {
    EXPECT_FALSE(parse_deliveries(text)) << text;
  }
  std::string many = R"({"delivered":[[1,2,3,4])";
  for (std::size_t i = 0; i < deliveries_max; ++i) many += ",[1,2,3,4]";
  EXPECT_FALSE(parse_deliveries(many + "]}"));
}

}  // namespace
}  // namespace fechatter::event
