#include "tests/notify/stream/shard_fixture.hpp"

// Replays from the stream, for those whose cursor is older than the ring.
namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// 30 messages in the stream, the last three of them in the ring.
class Replay : public ShardTest {
 protected:
  Replay() {
    settings.ring.events = 3;
    restart_shard();
    warm_up();
    messages(1, 30);
  }
  void messages(int first, int last) {
    for (int id = first; id <= last; ++id) happens(in_chat(lunch, id));
  }
  static std::vector<std::string> ids(int first, int last) {
    std::vector<std::string> all;
    for (int seq = first; seq <= last; ++seq) all.push_back("1-" + std::to_string(seq));
    return all;
  }
  // With CaughtUp at the end.
  static std::vector<std::string> replay(int first, int last) {
    auto all = ids(first, last);
    all.push_back(all.back());
    return all;
  }
};

TEST_F(Replay, WhatTheRingDoesNotHoldComesFromTheStream) {
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
  EXPECT_THAT(stream.asked, ElementsAre(Position{1, 4}, Position{1, 14}, Position{1, 24}));
}

TEST_F(Replay, TheRingIsEnoughForWhatItHolds) {
  EXPECT_EQ(join(alice, "1-27").ids(), replay(28, 30));
  EXPECT_TRUE(stream.asked.empty());
}

TEST_F(Replay, WhatHappensDuringTheReplayFollowsIt) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.asked.empty(); });
  messages(31, 50);
  stream.held = false;
  until([&] { return phone.has("CaughtUp"); });
  messages(51, 51);
  until([&] { return phone.seen().size() == 48; });
  auto expected = replay(5, 50);
  expected.emplace_back("1-51");
  EXPECT_EQ(phone.ids(), expected);
}

TEST_F(Replay, ItIsFilteredByMembershipNow) {
  happens(in_chat(secret, 31));
  happens(leaves(alice, lunch, 32));
  happens(to_users({alice}, 33));
  for (int id = 34; id <= 40; ++id) happens(to_users({bob}, id));
  database.rows = {{bob, lunch, EventId{32}}};
  EXPECT_THAT(join(alice, "1-4").names(), ElementsAre("UserLeftChat", "UserUpdated", "CaughtUp"));
}

TEST_F(Replay, OfAnotherWorkspaceNothingComes) {
  happens(to_workspace(other_workspace, 31));
  happens(to_workspace(acme, 32));
  messages(33, 40);
  EXPECT_EQ(join(mallory, "1-28").names(),
            (std::vector<std::string>{"WorkspaceUpdated", "CaughtUp"}));
}

TEST_F(Replay, WhatTheStreamDoesNotHoldEitherIsReset) {
  stream.first = 6;
  auto& phone = join(alice, "1-4");
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_EQ(phone.seen()[0].data["reason"], "no_longer_held");
  EXPECT_EQ(join(alice, "1-5").ids(), replay(6, 30));
}

TEST_F(Replay, APartIsNeverFollowedByAReset) {
  stream.reads_max = 1;
  auto& phone = connect(alice, "1-4");
  until([&] { return phone.closed(); });
  EXPECT_EQ(phone.ids(), ids(5, 14));
}

TEST_F(Replay, WhoeverWasToldNoPartOfItIsReset) {
  stream.reads_max = 1;
  EXPECT_THAT(join(mallory, "1-4").names(), ElementsAre("Reset", "CaughtUp"));
}

TEST_F(Replay, WhoeverHasMissedTooMuchIsReset) {
  settings.replay_events_max = 10;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 30);
  EXPECT_EQ(join(alice, "1-19").seen()[0].data["reason"], "too_far_behind");
  EXPECT_EQ(join(alice, "1-20").ids(), replay(21, 30));
}

TEST_F(Replay, AStreamThatIsAwayIsAskedAgain) {
  stream.failures = 2;
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
}

TEST_F(Replay, AStreamThatStaysAwayEndsTheConnectionWithNothingToldOfIt) {
  settings.catch_up_timeout = 20ms;
  restart_shard();
  warm_up();
  messages(1, 30);
  stream.failures = 1'000'000;
  auto& phone = connect(alice, "1-4");
  until([&] { return phone.closed(); });
  EXPECT_TRUE(phone.seen().empty());
}

TEST_F(Replay, AnEpochThatBeginsMeanwhileEndsTheReplayedOne) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 30);
  stream.slice = 4;
  stream.reads_max = 1000;
  stream.hold_after = 1;
  auto& phone = connect(alice, "1-4");
  until([&] { return stream.asked.size() == 2; });
  head = {2, 0};
  happens(in_chat(lunch, 31));
  stream.hold_after = 1000;
  until([&] { return phone.closed(); });
  EXPECT_EQ(phone.ids(), ids(5, 8));
}

TEST_F(Replay, ALossMeanwhileIsAReset) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.asked.empty(); });
  deliver(StreamUpdate::Kind::lost, {1, 40});
  stream.held = false;
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_EQ(phone.seen()[0].data["reason"], "events_lost");
}

TEST_F(Replay, AClientThatGoesMeanwhileIsForgotten) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.asked.empty(); });
  phone.disconnect();
  until([&] { return shard->counts().connections == 0; });
  stream.held = false;
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
}

TEST_F(Replay, AReaderThatIsSlowGetsItAllTheSame) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 3000);
  stream.slice = 100;
  auto& phone = connect(alice, "1-4", 4096);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_EQ(phone.ids(), replay(5, 3000));
}

// One turn of each queue at a time: what is live waits for one step of a replay at most.
TEST_F(Replay, ManyReplaysDoNotHoldUpWhatIsLive) {
  settings.ring.events = 50'000;
  settings.connection_events_max = 50'000;
  settings.connection_bytes_max = 64 * 1024 * 1024;
  settings.connections_per_user = 1000;
  restart_shard();
  warm_up();
  auto& live = join(bob);
  messages(1, 5000);
  until_seen(live, 5001);
  for (int i = 0; i < 10; ++i) connect(alice, "1-0");
  until([&] { return shard->counts().connections == 11; });
  messages(5001, 5001);
  until_seen(live, 5002);
  const auto done = [](const Client& client) { return client.has("CaughtUp"); };
  EXPECT_LT(std::count_if(clients.begin() + 1, clients.end(), done), 10);
  until([&] { return std::all_of(clients.begin() + 1, clients.end(), done); });
}

}  // namespace
}  // namespace fechatter::notify::test
