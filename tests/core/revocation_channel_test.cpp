#include "fechatter_core/nats/revocation_channel.hpp"

#include <gmock/gmock.h>

#include <mutex>

#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using testing::ElementsAre;
using testing::Optional;

// One instance: its revoked sessions and its channel.
struct Instance {
  explicit Instance(Settings settings) : channel{std::move(settings), revoked, note()} {}

  RevocationChannel::OnRevoked note() {
    return [this](const std::vector<SessionId>& sessions) {
      const std::lock_guard lock{mutex};
      noted.insert(noted.end(), sessions.begin(), sessions.end());
    };
  }
  bool knows(std::int64_t session) const { return revoked.contains(SessionId{session}); }

  std::mutex mutex;
  std::vector<SessionId> noted;
  auth::RevokedSessions revoked{std::chrono::minutes{20}};
  RevocationChannel channel;
};

TEST(RevocationChannel, AnAnnouncedSessionIsRevokedInAllInstances) {
  test::NatsServer nats;
  Instance here{nats.as_server("test")};
  Instance there{nats.as_notify("test")};
  ASSERT_TRUE(test::eventually([&] { return there.channel.connected(); }));
  ASSERT_TRUE(test::eventually([&] { return here.channel.connected(); }));
  here.channel.announce({SessionId{7}, SessionId{8}});
  EXPECT_TRUE(here.knows(7));  // at once
  EXPECT_TRUE(test::eventually([&] { return there.knows(7) && there.knows(8); }));
  EXPECT_FALSE(there.knows(9));
  const std::lock_guard lock{here.mutex};
  EXPECT_THAT(here.noted, ElementsAre(SessionId{7}, SessionId{8}));  // once, its own echo too
}

TEST(RevocationChannel, WithoutNatsRevocationsAreLocalUntilItReturns) {
  test::NatsServer nats;
  nats.kill();
  Instance here{nats.as_server("test")};
  Instance there{nats.as_notify("test")};
  here.channel.announce({SessionId{7}});
  EXPECT_TRUE(here.knows(7));
  nats.start();
  ASSERT_TRUE(
      test::eventually([&] { return here.channel.connected() && there.channel.connected(); }));
  here.channel.announce({SessionId{8}});
  EXPECT_TRUE(test::eventually([&] { return there.knows(8); }));
}

TEST(RevocationChannel, ManySessionsAreSplitIntoSeveralMessages) {
  test::NatsServer nats;
  Instance here{nats.as_server("test")};
  Instance there{nats.as_notify("test")};
  ASSERT_TRUE(
      test::eventually([&] { return here.channel.connected() && there.channel.connected(); }));
  std::vector<SessionId> sessions;
  for (int i = 1; i <= 2500; ++i) sessions.push_back(SessionId{i});
  here.channel.announce(sessions);
  EXPECT_TRUE(test::eventually([&] { return there.knows(1) && there.knows(2500); }));
}

TEST(RevocationChannel, OtherTextsAreIgnored) {
  EXPECT_THAT(parse_sessions("12 13"), Optional(ElementsAre(SessionId{12}, SessionId{13})));
  EXPECT_THAT(parse_sessions(""), Optional(ElementsAre()));
  for (const auto* text : {"x", "12,13", "-1", "0", "12 x", "99999999999999999999", " 12"}) {
    EXPECT_EQ(parse_sessions(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fechatter::nats
