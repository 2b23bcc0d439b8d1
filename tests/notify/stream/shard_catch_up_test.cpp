#include "notify_server/stream/sse_frame.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class CatchUpTest : public ShardTest {
 protected:
  CatchUpTest() { warm_up(); }

  void messages(int first, int last) {
    for (int id = first; id <= last; ++id) publish(in_chat(lunch, id));
  }
};

TEST_F(CatchUpTest, MissedEventsArriveBeforeCaughtUp) {
  messages(1, 5);
  auto& phone = join(alice, "1-2");
  EXPECT_THAT(phone.ids(), ElementsAre("1-3", "1-4", "1-5", "1-5"));
  EXPECT_EQ(phone.names().back(), "CaughtUp");
}

// A power cut took the stream's end, which the client has, and another event came there since.
TEST_F(CatchUpTest, ACursorOfAnotherEventGetsAReset) {
  messages(1, 5);
  const auto& last = join(alice, "1-3").frames().back();
  EXPECT_EQ(last.id, "1-5-5");
  EXPECT_EQ(last.data["cursor"], last.id);
  EXPECT_THAT(join(alice, "1-3-3").ids(), ElementsAre("1-4", "1-5", "1-5"));
  EXPECT_THAT(join(alice, "1-3-7").names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(join(alice, last.id).names(), ElementsAre("CaughtUp"));
}

TEST_F(CatchUpTest, NoEventUpToTheCursorIsReplayed) {
  messages(1, 5);
  EXPECT_THAT(join(alice, "1-5").ids(), ElementsAre("1-5"));
}

TEST_F(CatchUpTest, AReplayIsFilteredByTheCurrentMemberships) {
  publish(in_chat(secret, 1));
  publish(in_chat(lunch, 2));
  publish(joins(mallory, secret, 3));
  EXPECT_THAT(join(alice, "1-0").ids(), ElementsAre("1-2", "1-3"));
}

TEST_F(CatchUpTest, AReplayOfEventsForChatsIsFilteredByMembership) {
  publish(to_chats({secret}, 1));
  publish(to_chats({secret, lunch}, 2));
  EXPECT_THAT(join(alice, "1-0").ids(), ElementsAre("1-2", "1-2"));
}

TEST_F(CatchUpTest, AUserRemovedWhileDisconnectedReceivesTheRemovalOnly) {
  database.rows = {};
  publish(in_chat(lunch, 2));
  publish(leaves(alice, lunch, 3));
  publish(in_chat(lunch, 4));
  auto& phone = join(alice, "1-0");
  EXPECT_THAT(phone.names(), ElementsAre("UserLeftChat", "CaughtUp"));
}

TEST_F(CatchUpTest, OfADeletedChatOnlyTheDeletionIsReplayedAndOnlyToItsFormerMembers) {
  database.rows = {{alice, lunch, EventId{3}, true}};
  publish(in_chat(lunch, 2));
  publish(ends(lunch, 3));
  EXPECT_THAT(join(alice, "1-0").names(), ElementsAre("ChatDeleted", "CaughtUp"));
  EXPECT_THAT(join(bob, "1-0").names(), ElementsAre("CaughtUp"));
}

TEST_F(CatchUpTest, ADeletionThatWasPublishedWhileTheClientReconnectedIsReplayed) {
  join(alice).disconnect();
  until([&] { return shard->counts().connections == 0; });
  publish(ends(lunch, 3));  // the user is still known
  EXPECT_THAT(join(alice, "1-0").names(), ElementsAre("ChatDeleted", "CaughtUp"));
}

TEST_F(CatchUpTest, EventsDuringTheReadOfTheDatabaseAreReplayed) {
  database.held = true;
  auto& phone = connect(alice);
  until([&] { return !database.reads.empty(); });
  messages(1, 3);
  until([&] { return shard->position() == head; });
  database.held = false;
  until_received(phone, 4);
  EXPECT_THAT(phone.ids(), ElementsAre("1-1", "1-2", "1-3", "1-3"));
  EXPECT_EQ(phone.names().back(), "CaughtUp");
}

TEST_F(CatchUpTest, AUserRemovedDuringTheReadOfTheDatabaseIsNotAMember) {
  database.held = true;
  auto& phone = connect(alice);
  until([&] { return !database.reads.empty(); });
  publish(leaves(alice, lunch, 5));
  publish(in_chat(lunch, 6));
  until([&] { return shard->position() == head; });
  database.held = false;
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.names(), ElementsAre("UserLeftChat", "CaughtUp"));
}

TEST_F(CatchUpTest, ARemovalThatTheReadCoversHasNoEffect) {
  database.rows = {{alice, lunch, EventId{9}}};
  database.held = true;
  auto& phone = connect(alice);
  until([&] { return !database.reads.empty(); });
  publish(leaves(alice, lunch, 5));
  until([&] { return shard->position() == head; });
  database.held = false;
  until([&] { return phone.has("CaughtUp"); });
  publish(in_chat(lunch, 10));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("UserLeftChat", "CaughtUp", "NewMessage"));
}

TEST_F(CatchUpTest, UsersThatWaitTogetherAreReadInOneStatement) {
  database.held = true;
  auto& first = connect(mallory);
  until([&] { return !database.reads.empty(); });
  auto& second = connect(alice);
  auto& third = connect(bob);
  until([&] { return !second.head().empty() && !third.head().empty(); });
  database.held = false;
  until([&] { return first.has("CaughtUp") && second.has("CaughtUp") && third.has("CaughtUp"); });
  ASSERT_EQ(database.reads.size(), 2U);
  EXPECT_THAT(database.reads[1], UnorderedElementsAre(alice, bob));
}

TEST_F(CatchUpTest, AKnownUserCostsNoStatement) {
  join(alice).disconnect();
  until([&] { return shard->counts().connections == 0; });
  join(alice);
  EXPECT_EQ(database.reads.size(), 1U);
}

TEST_F(CatchUpTest, AnEvictedUserIsReadAgain) {
  settings.known_user = 0ms;
  restart_shard();
  warm_up();
  join(alice).disconnect();
  until([&] { return shard->counts().known_users == 0; });
  join(alice);
  EXPECT_EQ(database.reads.size(), 2U);
}

TEST_F(CatchUpTest, AFailedReadOfTheDatabaseIsRetried) {
  database.failures = 2;
  messages(1, 2);
  auto& phone = join(alice, "1-0");
  EXPECT_THAT(phone.ids(), ElementsAre("1-1", "1-2", "1-2"));
  EXPECT_EQ(database.reads.size(), 3U);
}

TEST_F(CatchUpTest, AStreamIsClosedWithoutAnEventWhenTheDatabaseStaysDown) {
  settings.catch_up_timeout = 10ms;
  restart_shard();
  warm_up();
  database.held = true;
  auto& phone = connect(alice);
  until([&] { return phone.closed(); });
  EXPECT_THAT(phone.names(), ElementsAre());
}

TEST_F(CatchUpTest, AMalformedCursorGetsAReset) {
  messages(1, 3);
  auto& phone = join(alice, "yesterday");
  EXPECT_THAT(phone.names(), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("1-3", "1-3"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "malformed_cursor");
}

TEST_F(CatchUpTest, ACursorOfAnOlderEpochGetsAReset) {
  warm_up({3, 0});
  messages(1, 3);
  auto& phone = join(alice, "2-1");
  EXPECT_THAT(phone.ids(), ElementsAre("3-3", "3-3"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "no_longer_held");
}

TEST_F(CatchUpTest, TheCursorOfAResetIsResumable) {
  messages(1, 3);
  const auto cursor = join(alice, "yesterday").ids().back();
  EXPECT_THAT(join(alice, cursor).names(), ElementsAre("CaughtUp"));
}

TEST_F(CatchUpTest, ACursorAheadWaitsForTheRing) {
  settings.cursor_wait = 1h;
  restart_shard();
  warm_up();
  auto& phone = connect(alice, "1-2");
  until([&] { return !phone.head().empty(); });
  messages(1, 2);
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.ids(), ElementsAre("1-2"));
  messages(3, 3);
  until_received(phone, 2);
  EXPECT_THAT(phone.ids(), ElementsAre("1-2", "1-3"));
}

TEST_F(CatchUpTest, ACursorBeyondTheStreamHeadGetsAReset) {
  auto& early = connect(alice, "1-99");
  until([&] { return !early.head().empty(); });
  deliver(StreamUpdate::Kind::at_head, head);
  auto& phone = early;
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-0"));
  EXPECT_EQ(phone.frames()[0].data["reason"], "cursor_ahead");
}

TEST_F(CatchUpTest, ALongReplayIsCompleteThroughASmallSocketBuffer) {
  settings.connection_events_max = 16;
  settings.ring.events = 5000;
  restart_shard();
  warm_up();
  messages(1, 5000);
  auto& phone = connect(alice, "1-0", 4096);
  until_received(phone, 5001);
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(phone.frames()[i].data["event_id"], i + 1);
  EXPECT_EQ(phone.names().back(), "CaughtUp");
}

TEST_F(CatchUpTest, AReplayWhoseEventsTheRingEvictsContinuesFromTheStream) {
  settings.connection_events_max = 16;
  settings.ring.events = 1000;
  restart_shard();
  warm_up();
  messages(1, 1000);
  auto [server, client] = make_connection(4096);
  shard->adopt(request_of(alice, "1-0"), std::move(server));
  until([&] { return shard->counts().connections == 1; });
  messages(1001, 3000);
  until([&] { return shard->position() == head; });
  Client& phone = clients.emplace_back(client);
  until_received(phone, 3001);
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(phone.frames()[i].data["event_id"], i + 1);
  EXPECT_FALSE(stream.reads.empty());
}

class WarmUp : public ShardTest {};

TEST_F(WarmUp, AClientWaitsForTheRingToWarmUp) {
  settings.cursor_wait = 1h;
  restart_shard();
  auto& phone = connect(alice, "1-1");
  until([&] { return !phone.head().empty(); });
  for (int id = 1; id <= 3; ++id) publish(in_chat(lunch, id));
  warm_up({1, 3});
  until([&] { return phone.has("CaughtUp"); });
  EXPECT_THAT(phone.ids(), ElementsAre("1-2", "1-3", "1-3"));
}

TEST_F(WarmUp, TheFirstStreamOfANewInstallationHasAPosition) {
  warm_up({0, 0});
  auto& phone = join(alice);
  head = {1, 0};
  publish(in_chat(lunch, 1));
  until_received(phone, 2);
  EXPECT_THAT(phone.ids(), ElementsAre("0-0", "1-1"));
}

TEST_F(WarmUp, AnEarlyClientIsClosedAndResumesWithoutAGap) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 1));
  warm_up({1, 1});
  until([&] { return phone.closed(); });
  EXPECT_THAT(phone.ids(), ElementsAre("0-0"));
  EXPECT_THAT(join(alice, "0-0").ids(), ElementsAre("1-1", "1-1"));
}

TEST_F(WarmUp, ACursorFromBeforeTheFirstEpochIsExpiredInTheSecond) {
  publish(in_chat(lunch, 1));
  head = {2, 0};
  publish(in_chat(lunch, 2));
  warm_up({2, 1});
  EXPECT_THAT(join(alice, "0-0").names(), ElementsAre("Reset", "CaughtUp"));
}

TEST_F(WarmUp, TheDatabaseIsNotReadBeforeTheRingIsWarm) {
  settings.cursor_wait = 1h;
  restart_shard();
  auto& phone = connect(alice);
  until([&] { return !phone.head().empty(); });
  EXPECT_TRUE(database.reads.empty());
  publish(leaves(alice, lunch, 5));
  database.rows.clear();
  warm_up({1, 1});
  until([&] { return phone.has("CaughtUp"); });
  publish(in_chat(lunch, 6));
  publish(to_users({alice}, 7));
  until_received(phone, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(CatchUpTest, AReadThatALossOvertakesIsRepeated) {
  database.held = true;
  connect(alice);
  until([&] { return !database.reads.empty(); });
  deliver(StreamUpdate::Kind::lost, {1, 10});
  until([&] { return shard->position() == Position{1, 10}; });
  auto& again = connect(alice);
  until([&] { return !again.head().empty(); });
  database.held = false;
  until([&] { return again.has("CaughtUp"); });
  EXPECT_EQ(database.reads.size(), 2U);
}

}  // namespace
}  // namespace fechatter::notify::test
