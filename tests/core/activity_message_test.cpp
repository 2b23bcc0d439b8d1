#include "fechatter_core/event/activity_message.hpp"

#include <gmock/gmock.h>

namespace fechatter::event {
namespace {

ActivityMessage active() {
  return {UserId{11}, WorkspaceId{1}, SessionId{5}, from_unix_micros(1'000)};
}

TEST(ActivityMessage, IsReadAsItWasWritten) {
  auto message = active();
  EXPECT_EQ(parse_activity(to_text(message)), message);
  message.said = PresenceStatus::away;
  message.platform = "web";
  EXPECT_EQ(parse_activity(to_text(message)), message);
  message = active();
  message.typing = {ChatId{12}, "Bob \"B\" Brown", true, from_unix_micros(2'000)};
  EXPECT_EQ(parse_activity(to_text(message)), message);
}

// Later versions must read it, too: a change of this text needs another version.
TEST(ActivityMessage, OfVersion1HasThisText) {
  auto message = active();
  message.said = PresenceStatus::online;
  message.platform = "web";
  message.typing = {ChatId{12}, "Bob", false, from_unix_micros(2'000)};
  EXPECT_EQ(to_text(message),
            R"({"at":1000,"platform":"web","said":"online","session":5,"typing":{"chat":12,)"
            R"("expires_at":2000,"is_typing":false,"name":"Bob"},"user":11,"version":1,)"
            R"("workspace":1})");
}

TEST(ActivityMessage, OfANewerVersionMaySayMore) {
  const auto message = parse_activity(
      R"({"version":2,"user":11,"workspace":1,"session":5,"at":1000,"said":"busy","mood":{}})");
  EXPECT_EQ(message, active());
}

TEST(ActivityMessage, MalformedTextIsRefused) {
  for (const auto* text :
       {"", "7", "[]", "{}", "\xff", R"({"version":1,"user":11,"workspace":1,"session":5})",
        R"({"version":0,"user":11,"workspace":1,"session":5,"at":1})",
        R"({"version":1,"user":"11","workspace":1,"session":5,"at":1})",
        R"({"version":1,"user":11,"workspace":0,"session":5,"at":1})",
        R"({"version":1,"user":11,"workspace":1,"session":5,"at":1.5})",
        R"({"version":1,"user":11,"workspace":1,"session":5,"at":1,"platform":"<b>"})",
        R"({"version":1,"user":11,"workspace":1,"session":5,"at":1,"said":7})",
        R"({"version":1,"user":11,"workspace":1,"session":5,"at":1,"typing":7})",
        R"({"version":1,"user":11,"workspace":1,"session":5,"at":1,"typing":{"chat":0}})"}) {
    EXPECT_EQ(parse_activity(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fechatter::event
