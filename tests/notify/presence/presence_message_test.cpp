#include "notify_server/presence/presence_message.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

using Kind = PresenceMessage::Kind;
using std::chrono::seconds;
using testing::ElementsAre;
using enum PresenceStatus;

PresenceMessage::Entry user(std::int64_t id, PresenceStatus status = online) {
  return {{UserId{id}, WorkspaceId{1}}, status};
}

TEST(PresenceMessage, IsReadAsItWasWritten) {
  const auto highest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& message :
       {PresenceMessage{highest, Kind::digest, 1, 3, {user(7), user(8)}},
        PresenceMessage{1, Kind::digest},
        PresenceMessage{1, Kind::delta, 0, 1, {user(6, away), user(7, offline), user(8)}},
        PresenceMessage{1, Kind::request}, PresenceMessage{1, Kind::gone}}) {
    EXPECT_EQ(parse_presence(to_text(message)), message) << to_text(message);
  }
}

// Later versions must read it, too: a change of these texts needs another version.
TEST(PresenceMessage, OfVersion2HasThisText) {
  PresenceMessage::Entry active{
      {UserId{11}, WorkspaceId{1}}, online, seconds{3}, "web", seconds{4}};
  EXPECT_EQ(to_text({7, Kind::delta, 0, 1, {active, user(12, offline), user(13, away)}}),
            R"({"instance":7,"kind":"delta","users":{"away":[[13,1,0,"",0]],)"
            R"("offline":[[12,1,0,"",0]],"online":[[11,1,3,"web",4]]},"version":2})");
  EXPECT_EQ(to_text({7, Kind::digest, 1, 2, {active}}),
            R"({"instance":7,"kind":"digest","part":1,"parts":2,)"
            R"("users":{"online":[[11,1,3,"web",4]]},"version":2})");
  EXPECT_EQ(to_text({7, Kind::request}), R"({"instance":7,"kind":"request","version":2})");
  EXPECT_EQ(to_text({7, Kind::gone}), R"({"instance":7,"kind":"gone","version":2})");
}

TEST(PresenceMessage, OfVersion1IsRead) {
  const auto message = parse_presence(R"({"instance":7,"kind":"delta","users":{"offline":[[12,1]],)"
                                      R"("online":[[11,1]]},"version":1})");
  ASSERT_TRUE(message);
  EXPECT_THAT(message->users, ElementsAre(user(12, offline), user(11)));
}

TEST(PresenceMessage, OfANewerVersionMayHaveFurtherFields) {
  const auto message =
      parse_presence(R"({"version":3,"instance":7,"kind":"delta","region":{"name":"north"},)"
                     R"("users":{"online":[[11,1,0,"",0,{"since":9}]],"offline":[[12,1]]}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, Kind::delta);
  EXPECT_THAT(message->users, ElementsAre(user(12, offline), user(11)));
}

TEST(PresenceMessage, AnUnknownStatusOfANewerVersionCountsAsOnline) {
  const auto message =
      parse_presence(R"({"version":99,"instance":7,"kind":"digest","part":0,"parts":1,)"
                     R"("users":{"busy":[[11,1]],"away":[[12,1]]}})");
  ASSERT_TRUE(message);
  EXPECT_THAT(message->users, ElementsAre(user(12, away), user(11)));
}

TEST(PresenceMessage, AnUnknownKindOfANewerVersionIsUnknown) {
  const auto message =
      parse_presence(R"({"version":3,"instance":7,"kind":"typing","users":[1,2,3]})");
  ASSERT_TRUE(message);
  EXPECT_EQ(*message, (PresenceMessage{7, Kind::unknown}));
}

TEST(PresenceMessage, OfThisVersionHasNoUnknownKindStatusOrField) {
  for (const auto* text :
       {R"({"version":1,"instance":7,"kind":"typing"})",
        R"({"version":1,"instance":7,"kind":"delta","users":{"busy":[[11,1]]}})",
        R"({"version":1,"instance":7,"kind":"delta","users":{"online":[[11,1,2]]}})",
        R"({"version":2,"instance":7,"kind":"delta","users":{"online":[[11,1,-1,"",0]]}})",
        R"({"version":2,"instance":7,"kind":"delta","users":{"online":[[11,1,0,"",1e9]]}})",
        R"({"version":2,"instance":7,"kind":"delta","users":{"online":[[11,1,0,"<b>",0]]}})",
        R"({"version":2,"instance":7,"kind":"delta","users":{"online":[[11,1,0,7,0]]}})"}) {
    EXPECT_EQ(parse_presence(text), std::nullopt) << text;
  }
}

TEST(PresenceMessage, MalformedTextIsRefused) {
  for (
      const auto* text :
      {"",
       "x",
       "[]",
       "7",
       "{}",
       "null",
       "\xff",
       R"({"instance":1,"kind":"request"})",
       R"({"version":0,"instance":1,"kind":"request"})",
       R"({"version":-1,"instance":1,"kind":"request"})",
       R"({"version":1.5,"instance":1,"kind":"request"})",
       R"({"version":"1","instance":1,"kind":"request"})",
       R"({"version":99999999999999999999,"instance":1,"kind":"request"})",
       R"({"version":1,"instance":1})",
       R"({"version":1,"kind":"request"})",
       R"({"version":1,"instance":-1,"kind":"request"})",
       R"({"version":1,"instance":1.5,"kind":"request"})",
       R"({"version":1,"instance":1,"kind":7})",
       R"({"version":2,"instance":1,"kind":7})",
       R"({"version":1,"instance":1,"kind":"digest"})",
       R"({"version":1,"instance":1,"kind":"digest","part":1,"parts":1})",
       R"({"version":1,"instance":1,"kind":"digest","part":0,"parts":10001})",
       R"({"version":1,"instance":1,"kind":"delta","users":7})",
       R"({"version":1,"instance":1,"kind":"delta","users":[[7,1]]})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":7}})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":[7]}})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":[[7]]}})",
       R"({"version":2,"instance":1,"kind":"delta","users":{"online":[[7]]}})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":[[0,1]]}})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":[[7,"1"]]}})",
       R"({"version":1,"instance":1,"kind":"delta","users":{"online":[[7,18446744073709551615]]}})",
       R"({"version":2,"instance":1,"kind":"delta","users":{"busy":[["7",1]]}})"}) {
    EXPECT_EQ(parse_presence(text), std::nullopt) << text;
  }
}

TEST(PresenceMessage, NamesAThousandUsersAtMostInAllItsStatuses) {
  PresenceMessage message{1, Kind::delta};
  for (std::int64_t id = 1; id <= 1000; ++id) {
    message.users.push_back(user(id, id % 2 == 0 ? online : offline));
  }
  EXPECT_TRUE(parse_presence(to_text(message)));
  message.users.push_back(user(1001));
  EXPECT_FALSE(parse_presence(to_text(message)));
}

TEST(PresenceMessage, DeeplyNestedTextIsRefused) {
  const std::string nested(100'000, '[');
  EXPECT_EQ(parse_presence(nested), std::nullopt);
  EXPECT_EQ(parse_presence(R"({"version":2,"instance":1,"kind":"gone","x":)" + nested),
            std::nullopt);
}

TEST(Platform, IsAShortNameInAscii) {
  for (const auto* good : {"web", "iOS 18.2", "linux_x86-64", "a"}) EXPECT_TRUE(is_platform(good));
  for (const auto* bad :
       {"", "<b>", "w\"", "\xc3\xa4", "a\nb", "123456789012345678901234567890123"}) {
    EXPECT_FALSE(is_platform(bad)) << bad;
  }
}

TEST(PresenceStatus, IsReadAsItWasWritten) {
  for (const auto status : {online, away, offline}) {
    EXPECT_EQ(parse_presence_status(to_text(status)), status);
  }
  EXPECT_EQ(parse_presence_status("busy"), std::nullopt);
  EXPECT_EQ(parse_presence_status(""), std::nullopt);
}

}  // namespace
}  // namespace fechatter::notify
