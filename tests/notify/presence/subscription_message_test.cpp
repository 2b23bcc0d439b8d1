#include "notify_server/presence/subscription_message.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

TEST(SubscriptionMessage, IsReadAsItWasWritten) {
  SubscriptionMessage message{7, {UserId{11}, WorkspaceId{1}}, SessionId{5}};
  EXPECT_EQ(parse_subscription(to_text(message)), message);
  message.subjects = {{UserId{12}, from_unix_micros(9)}, {UserId{13}}};
  EXPECT_EQ(parse_subscription(to_text(message)), message);
  EXPECT_EQ(to_text(message), R"({"instance":7,"session":5,"subjects":[[12,9],[13,0]],"user":11,)"
                              R"("version":1,"workspace":1})");
}

TEST(SubscriptionMessage, NamesTwoHundredSubjectsAtMost) {
  SubscriptionMessage message{7, {UserId{11}, WorkspaceId{1}}, SessionId{5}};
  message.subjects.resize(200, {UserId{12}});
  EXPECT_TRUE(parse_subscription(to_text(message)));
  message.subjects.push_back({UserId{13}});
  EXPECT_FALSE(parse_subscription(to_text(message)));
}

TEST(SubscriptionMessage, OfANewerVersionMayHaveFurtherFields) {
  const auto message =
      parse_subscription(R"({"version":2,"instance":7,"user":11,"workspace":1,"session":5,"x":[],)"
                         R"("subjects":[[12,0,"a"]]})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->subjects.at(0).user_id, UserId{12});
}

TEST(SubscriptionMessage, MalformedTextIsRefused) {
  for (const auto* text :
       {"", "7", "{}", "[]", "\xff",
        R"({"version":0,"instance":7,"user":11,"workspace":1,"session":5,"subjects":[]})",
        R"({"version":1,"instance":-7,"user":11,"workspace":1,"session":5,"subjects":[]})",
        R"({"version":1,"instance":7,"user":0,"workspace":1,"session":5,"subjects":[]})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"subjects":[]})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"session":5})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"session":5,"subjects":{}})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"session":5,"subjects":[12]})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"session":5,"subjects":[[12,-1]]})",
        R"({"version":1,"instance":7,"user":11,"workspace":1,"session":5,"subjects":[[1,0,0]]})"}) {
    EXPECT_EQ(parse_subscription(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fechatter::notify
