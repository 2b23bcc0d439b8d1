#include "notify_server/presence/presence_message.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

using Kind = PresenceMessage::Kind;

OnlineUser user(std::int64_t id) {
  return {UserId{id}, WorkspaceId{1}};
}

TEST(PresenceMessage, IsReadAsItWasWritten) {
  const auto highest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& message : {PresenceMessage{highest, Kind::digest, 1, 3, {user(7), user(8)}},
                              PresenceMessage{1, Kind::digest},
                              PresenceMessage{1, Kind::delta, 0, 1, {user(7)}, {user(8)}},
                              PresenceMessage{1, Kind::ask}, PresenceMessage{1, Kind::gone}}) {
    EXPECT_EQ(parse_presence(to_text(message)), message) << to_text(message);
  }
}

TEST(PresenceMessage, IsNothingElse) {
  for (const auto* text :
       {"",
        "x",
        "[]",
        "7",
        "{}",
        R"({"instance":1})",
        R"({"kind":"ask"})",
        R"({"instance":-1,"kind":"ask"})",
        R"({"instance":1.5,"kind":"ask"})",
        R"({"instance":1,"kind":"other"})",
        R"({"instance":1,"kind":7})",
        R"({"instance":1,"kind":"digest"})",
        R"({"instance":1,"kind":"digest","part":1,"parts":1})",
        R"({"instance":1,"kind":"digest","part":0,"parts":10001})",
        R"({"instance":1,"kind":"delta","online":7})",
        R"({"instance":1,"kind":"delta","online":[7]})",
        R"({"instance":1,"kind":"delta","online":[[7]]})",
        R"({"instance":1,"kind":"delta","online":[[0,1]]})",
        R"({"instance":1,"kind":"delta","online":[[7,"1"]]})",
        R"({"instance":1,"kind":"delta","online":[[7,18446744073709551615]]})"}) {
    EXPECT_EQ(parse_presence(text), std::nullopt) << text;
  }
}

TEST(PresenceMessage, NamesAThousandUsersAtMost) {
  PresenceMessage message{1, Kind::delta};
  for (std::int64_t id = 1; id <= 1000; ++id) message.online.push_back(user(id));
  EXPECT_TRUE(parse_presence(to_text(message)));
  message.online.push_back(user(1001));
  EXPECT_FALSE(parse_presence(to_text(message)));
}

}  // namespace
}  // namespace fechatter::notify
