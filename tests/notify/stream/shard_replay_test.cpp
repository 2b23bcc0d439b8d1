#include <unistd.h>

#include "tests/notify/stream/shard_fixture.hpp"

// Replays from the stream, for cursors whose events the ring has evicted.
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
    for (int id = first; id <= last; ++id) publish(in_chat(lunch, id));
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

TEST_F(Replay, EvictedEventsAreReplayedFromTheStream) {
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
  EXPECT_THAT(stream.reads, ElementsAre(Position{1, 4}, Position{1, 14}, Position{1, 24}));
}

TEST_F(Replay, AFormerMemberIsNotShownWhatTheChatHasShownIt) {
  int id = 31;
  for (const auto* type : {"Mentioned", "ThreadFollowUpdated", "MessageRead", "ReactionAdded",
                           "ReactionRemoved", "DraftUpdated", "ScheduledMessageFailed"}) {
    publish(to_user_of(lunch, alice, id++, type));
  }
  EXPECT_EQ(join(alice, "1-30").frames().size(), 8U);  // with CaughtUp
  publish(leaves(alice, lunch, id));
  EXPECT_THAT(join(alice, "1-30").names(),
              ElementsAre("ScheduledMessageFailed", "UserLeftChat", "CaughtUp"));
}

TEST_F(Replay, EventsInTheRingNeedNoReadOfTheStream) {
  EXPECT_EQ(join(alice, "1-27").ids(), replay(28, 30));
  EXPECT_TRUE(stream.reads.empty());
}

TEST_F(Replay, EventsDuringAReplayFollowIt) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.reads.empty(); });
  messages(31, 50);
  stream.held = false;
  until([&] { return phone.has("CaughtUp"); });
  messages(51, 51);
  until([&] { return phone.frames().size() == 48; });
  auto expected = replay(5, 50);
  expected.emplace_back("1-51");
  EXPECT_EQ(phone.ids(), expected);
}

TEST_F(Replay, AReplayIsFilteredByTheCurrentMemberships) {
  publish(in_chat(secret, 31));
  publish(leaves(alice, lunch, 32));
  publish(to_users({alice}, 33));
  for (int id = 34; id <= 40; ++id) publish(to_users({bob}, id));
  database.rows = {{bob, lunch, EventId{32}}};
  EXPECT_THAT(join(alice, "1-4").names(), ElementsAre("UserLeftChat", "UserUpdated", "CaughtUp"));
}

TEST_F(Replay, NoEventOfAnotherWorkspaceIsReplayed) {
  publish(to_workspace(other_workspace, 31));
  publish(to_workspace(acme, 32));
  messages(33, 40);
  EXPECT_EQ(join(mallory, "1-28").names(),
            (std::vector<std::string>{"WorkspaceUpdated", "CaughtUp"}));
}

TEST_F(Replay, ACursorOlderThanTheStreamGetsAReset) {
  stream.first = 6;
  auto& phone = join(alice, "1-4");
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "no_longer_held");
  EXPECT_EQ(join(alice, "1-5").ids(), replay(6, 30));
}

TEST_F(Replay, APartialReplayIsNeverFollowedByAReset) {
  stream.reads_max = 1;
  auto& phone = connect(alice, "1-4");
  until([&] { return phone.closed(); });
  EXPECT_EQ(phone.ids(), ids(5, 14));
}

TEST_F(Replay, AReplayWithoutAnySentEventMayEndInAReset) {
  stream.reads_max = 1;
  EXPECT_THAT(join(mallory, "1-4").names(), ElementsAre("Reset", "CaughtUp"));
}

TEST_F(Replay, ACursorTooFarBehindGetsAReset) {
  settings.replay_events_max = 10;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 30);
  EXPECT_EQ(join(alice, "1-19").frames()[0].data["reason"], "too_far_behind");
  EXPECT_EQ(join(alice, "1-20").ids(), replay(21, 30));
}

TEST_F(Replay, AFailedReadOfTheStreamIsRetried) {
  stream.failures = 2;
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
}

TEST_F(Replay, AConnectionIsClosedWithoutAnEventWhenTheStreamStaysDown) {
  settings.catch_up_timeout = 20ms;
  restart_shard();
  warm_up();
  messages(1, 30);
  stream.failures = 1'000'000;
  auto& phone = connect(alice, "1-4");
  until([&] { return phone.closed(); });
  EXPECT_TRUE(phone.frames().empty());
}

TEST_F(Replay, ANewEpochEndsAReplayOfTheOldOne) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 30);
  stream.slice = 4;
  stream.reads_max = 1000;
  stream.hold_after = 1;
  auto& live = join(bob);
  auto& phone = connect(alice, "1-4");
  until([&] { return stream.reads.size() == 2; });
  head = {2, 0};
  publish(in_chat(lunch, 31));
  until([&] { return live.has("NewMessage"); });  // the shard knows the epoch
  stream.hold_after = 1000;
  until([&] { return phone.closed(); });
  EXPECT_EQ(phone.ids(), ids(5, 8));
}

TEST_F(Replay, ALossDuringAReplayIsAReset) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.reads.empty(); });
  deliver(StreamUpdate::Kind::lost, {1, 40});
  until([&] { return shard->position() == Position{1, 40}; });
  stream.held = false;
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "events_lost");
}

TEST_F(Replay, AClientThatDisconnectsDuringAReplayIsRemoved) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  until([&] { return !stream.reads.empty(); });
  phone.disconnect();
  until([&] { return shard->counts().connections == 0; });
  stream.held = false;
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
}

TEST_F(Replay, ASlowClientGetsTheWholeReplay) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 3000);
  stream.slice = 100;
  auto& phone = connect(alice, "1-4", 4096);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_EQ(phone.ids(), replay(5, 3000));
  EXPECT_EQ(stream.reads.size(), 30U);  // nothing is read twice
}

TEST_F(Replay, OfAUserOneConnectionAtATimeReplaysFromTheStream) {
  stream.held = true;
  auto& phone = connect(alice, "1-4");
  auto& laptop = connect(alice, "1-4");
  auto& other = connect(bob, "1-4");
  until([&] { return stream.reads.size() == 2; });  // one of each user
  for (int i = 0; i < 10; ++i) run_a_little();
  EXPECT_EQ(stream.reads.size(), 2U);
  stream.held = false;
  for (auto* client : {&phone, &laptop, &other}) {
    until([&] { return client->has("CaughtUp"); });
    EXPECT_EQ(client->ids(), replay(5, 30));
  }
}

TEST_F(Replay, AClientThatReconnectsDuringAReadStartsNoOther) {
  stream.held = true;
  for (int i = 0; i < 5; ++i) {
    auto& phone = connect(alice, "1-4");
    until([&] { return shard->counts().connections == 1; });
    for (int turn = 0; turn < 3; ++turn) run_a_little();
    phone.disconnect();
    until([&] { return shard->counts().connections == 0; });
  }
  EXPECT_EQ(stream.reads.size(), 1U);
  stream.held = false;
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 30));
}

TEST_F(Replay, AReplayThatWaitsForItsClientDoesNotHoldUpAnotherOfItsUser) {
  settings.connection_events_max = 16;
  restart_shard();
  warm_up();
  stream.events.clear();
  messages(1, 3000);
  stream.slice = 100;
  auto [server, unread] = make_connection(4096);
  shard->adopt(request_of(alice, "1-4"), std::move(server));
  ++next_session;
  until([&] { return !stream.reads.empty(); });
  EXPECT_EQ(join(alice, "1-4").ids(), replay(5, 3000));
  ::close(unread);
}

// One step at a time: a live event waits for one step of a replay at most.
TEST_F(Replay, ReplaysDoNotDelayLiveEvents) {
  settings.ring.events = 50'000;
  settings.connection_events_max = 50'000;
  settings.connection_bytes_max = 64 * 1024 * 1024;
  settings.connections_per_user = 1000;
  restart_shard();
  warm_up();
  auto& live = join(bob);
  messages(1, 5000);
  until_received(live, 5001);
  for (int i = 0; i < 10; ++i) connect(alice, "1-0");
  until([&] { return shard->counts().connections == 11; });
  messages(5001, 5001);
  until_received(live, 5002);
  const auto done = [](const Client& client) { return client.has("CaughtUp"); };
  EXPECT_LT(std::count_if(clients.begin() + 1, clients.end(), done), 10);
  until([&] { return std::all_of(clients.begin() + 1, clients.end(), done); });
}

}  // namespace
}  // namespace fechatter::notify::test
