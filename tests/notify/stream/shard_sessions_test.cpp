#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Streams that last as long as their session, with a token that has expired.
class SessionStreams : public ShardTest {
 protected:
  SessionStreams() {
    warm_up();
    lasts_as_session = true;
    token_life = 0s;
  }
  static std::chrono::sys_seconds in(std::chrono::seconds time) {
    return std::chrono::floor<std::chrono::seconds>(now()) + time;
  }
  void until_ticked() {
    for (int i = 0; i < 20; ++i) run_a_little();
  }
};

TEST_F(SessionStreams, OutliveTheirTokenWhileTheSessionIsOpen) {
  database.open_sessions = {{SessionId{1}, in(1h)}};
  auto& phone = join(alice);
  until([&] { return !database.session_reads.empty(); });
  until_ticked();
  EXPECT_FALSE(phone.closed());
  // Looked up once for each life of a token.
  EXPECT_THAT(database.session_reads, ElementsAre(std::vector{SessionId{1}}));
  publish(in_chat(lunch, 1));
  until([&] { return phone.has("NewMessage"); });
}

TEST_F(SessionStreams, EndWithASessionWhoseRevocationWasMissed) {
  database.open_sessions = {{SessionId{2}, in(1h)}};
  auto& over = connect(alice);
  auto& open = join(alice);
  until([&] { return over.closed(); });
  until_ticked();
  EXPECT_FALSE(open.closed());
}

TEST_F(SessionStreams, EndWhenTheirSessionExpires) {
  database.open_sessions = {{SessionId{1}, in(0s)}};
  auto& phone = connect(alice);
  until([&] { return database.session_reads.size() > 1; });
  EXPECT_FALSE(phone.closed());
  database.open_sessions.clear();
  until([&] { return phone.closed(); });
}

TEST_F(SessionStreams, EndAtOnceWhenTheirSessionIsRevoked) {
  database.open_sessions = {{SessionId{1}, in(1h)}};
  auto& phone = join(alice);
  shard->close_sessions({SessionId{1}});
  until([&] { return phone.closed(); });
}

TEST_F(SessionStreams, StayWhileTheirSessionCannotBeLookedUpButNotForLong) {
  database.session_failures = 1000;
  auto& phone = join(alice);
  token_life = -(revoked.token_life() + 1s);
  auto& stale = connect(bob);
  until([&] { return stale.closed(); });
  until([&] { return !database.session_reads.empty(); });
  until_ticked();
  EXPECT_FALSE(phone.closed());
  // A failure is followed by a pause.
  EXPECT_EQ(database.session_reads.size(), 1U);
}

TEST_F(SessionStreams, AreTheOnlyOnesWhoseSessionIsLookedUp) {
  lasts_as_session = false;
  auto& by_token = connect(alice);
  until([&] { return by_token.closed(); });
  EXPECT_TRUE(database.session_reads.empty());
}

}  // namespace
}  // namespace fechatter::notify::test
