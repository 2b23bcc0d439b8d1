#include "notify_server/stream/sse_frame.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;

class Delivery : public ShardTest {
 protected:
  Delivery() { warm_up(); }
};

TEST_F(Delivery, AFreshStreamIsToldThatItIsCaughtUp) {
  warm_up({1, 7});
  auto& phone = join(alice);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("1-7"));
  EXPECT_EQ(phone.head(), "HTTP/1.1 200 OK");  // as it was handed over
}

TEST_F(Delivery, EverySessionOfEveryMemberIsTold) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  auto& other = join(bob);
  happens(in_chat(lunch, 5));
  for (auto* client : {&phone, &laptop, &other}) {
    until_seen(*client, 2);
    EXPECT_THAT(client->names(), ElementsAre("CaughtUp", "NewMessage"));
    EXPECT_EQ(client->seen()[1].id, "1-1");
    EXPECT_EQ(client->seen()[1].data["event_id"], 5);
  }
}

TEST_F(Delivery, WhoeverIsInNoneOfTheChatsIsToldNothing) {
  auto& outsider = join(mallory);
  happens(in_chat(lunch, 5));
  happens(to_users({mallory}, 6));
  until_seen(outsider, 2);
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(Delivery, EventsComeInTheOrderOfTheLog) {
  auto& phone = join(alice);
  for (int i = 1; i <= 1000; ++i) happens(in_chat(lunch, i));
  until_seen(phone, 1001);
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(phone.seen()[i].data["event_id"], i);
}

TEST_F(Delivery, TheUsersOfAnAudienceAreToldAndNobodyElse) {
  auto& phone = join(alice);
  auto& other = join(bob);
  happens(to_users({alice}, 5));
  happens(in_chat(lunch, 6));
  until_seen(phone, 3);
  until_seen(other, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated", "NewMessage"));
  EXPECT_THAT(other.names(), ElementsAre("CaughtUp", "NewMessage"));
}

TEST_F(Delivery, TheMembersOfTheChatsOfAnAudienceAreToldOnceAndNobodyElse) {
  auto& phone = join(alice);
  auto& outsider = join(mallory);
  happens(to_chats({lunch, lunch, ChatId{999}}, 5));
  happens(to_users({mallory}, 6));
  happens(in_chat(lunch, 7));
  until_seen(phone, 3);
  until_seen(outsider, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated", "NewMessage"));
  EXPECT_EQ(outsider.seen()[1].data["event_id"], 6);
}

TEST_F(Delivery, TheWholeWorkspaceIsToldAndNoOther) {
  auto& outsider = join(mallory);
  happens(to_workspace(other_workspace, 5));
  happens(to_workspace(acme, 6));
  until_seen(outsider, 2);
  EXPECT_EQ(outsider.seen()[1].data["event_id"], 6);
}

TEST_F(Delivery, AnEventOfAnotherWorkspaceIsNotForThoseItNames) {
  auto& phone = join(alice);
  auto foreign = to_users({alice}, 5);
  foreign.workspace_id = other_workspace;
  happens(foreign);
  happens(in_chat(lunch, 6));
  until_seen(phone, 2);
  EXPECT_EQ(phone.seen()[1].data["event_id"], 6);
}

TEST_F(Delivery, WhoeverIsAddedHearsOfItAndOfWhatFollows) {
  auto& newcomer = join(mallory);
  happens(joins(mallory, lunch, 5));
  happens(in_chat(lunch, 6));
  until_seen(newcomer, 3);
  EXPECT_THAT(newcomer.names(), ElementsAre("CaughtUp", "UserJoinedChat", "NewMessage"));
}

TEST_F(Delivery, WhoeverIsAddedAndNamedIsToldOnce) {
  auto& newcomer = join(mallory);
  auto envelope = joins(mallory, lunch, 5);
  envelope.audience = {event::AudienceKind::users, {mallory}};
  happens(envelope);
  happens(in_chat(lunch, 6));
  until_seen(newcomer, 3);
  EXPECT_THAT(newcomer.names(), ElementsAre("CaughtUp", "UserJoinedChat", "NewMessage"));
}

TEST_F(Delivery, WhoeverIsRemovedHearsOfItAndOfNothingAfterIt) {
  auto& phone = join(alice);
  happens(leaves(alice, lunch, 5));
  happens(in_chat(lunch, 6));
  happens(to_users({alice}, 7));
  until_seen(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserLeftChat", "UserUpdated"));
}

TEST_F(Delivery, WhoeverIsRemovedTwiceHearsOfItTwice) {
  auto& phone = join(alice);
  happens(leaves(alice, lunch, 5));
  happens(joins(alice, lunch, 6));
  happens(leaves(alice, lunch, 7));
  until_seen(phone, 4);
  EXPECT_THAT(phone.names(),
              ElementsAre("CaughtUp", "UserLeftChat", "UserJoinedChat", "UserLeftChat"));
}

TEST_F(Delivery, TheEndOfAChatIsToldToItsMembersAndIsTheLastOfIt) {
  auto& phone = join(alice);
  auto& other = join(bob);
  happens(ends(lunch, {alice, bob}, 5));
  happens(in_chat(lunch, 6));
  happens(to_workspace(acme, 7));
  for (auto* client : {&phone, &other}) {
    until_seen(*client, 3);
    EXPECT_THAT(client->names(), ElementsAre("CaughtUp", "ChatDeleted", "WorkspaceUpdated"));
  }
}

TEST_F(Delivery, AfterALossEverybodyIsToldOnceAndGoesOn) {
  auto& phone = join(alice);
  happens(in_chat(lunch, 5));
  deliver(StreamUpdate::Kind::lost, {1, 10});
  happens(in_chat(lunch, 6));
  until_seen(phone, 4);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "NewMessage", "Reset", "NewMessage"));
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-10", "1-11"));
  EXPECT_EQ(phone.seen()[2].data["reason"], "events_lost");
}

TEST_F(Delivery, WhoeverIsBackAfterALossMissesNothing) {
  auto& phone = join(alice);
  deliver(StreamUpdate::Kind::lost, {1, 10});
  until_seen(phone, 2);
  happens(in_chat(lunch, 6));
  EXPECT_THAT(join(alice, phone.ids()[1]).ids(), ElementsAre("1-11", "1-11"));
}

TEST_F(Delivery, WhoeverComesFromBeyondTheLossIsNotReset) {
  auto& phone = connect(alice, "1-12");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::lost, {1, 10});
  happens(in_chat(lunch, 5));
  happens(in_chat(lunch, 6));
  happens(in_chat(lunch, 7));
  until_seen(phone, 2);
  EXPECT_THAT(phone.ids(), ElementsAre("1-13", "1-13"));
  EXPECT_THAT(phone.names(), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(Delivery, AfterALossTheDatabaseSaysWhoIsWhere) {
  auto& phone = join(alice);
  database.rows.clear();
  deliver(StreamUpdate::Kind::lost, {1, 10});
  happens(in_chat(lunch, 6));
  happens(to_users({alice}, 7));
  until_seen(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "Reset", "UserUpdated"));
}

TEST_F(Delivery, ANewEpochGoesOnWithoutAWord) {
  auto& phone = join(alice);
  happens(in_chat(lunch, 5));
  head = {2, 0};
  happens(in_chat(lunch, 6));
  until_seen(phone, 3);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "2-1"));
}

TEST_F(Delivery, WhatAnEarlierEpochToldIsNotToldAgain) {
  auto& phone = join(alice);
  head = {2, 1};
  shard->deliver({{StreamUpdate::Kind::republished, head, make_event(in_chat(lunch, 5), head)}});
  happens(in_chat(lunch, 6));
  until_seen(phone, 2);
  EXPECT_EQ(phone.seen()[1].data["event_id"], 6);
}

TEST_F(Delivery, AHeartbeatCarriesThePositionAfterWhatWasHandedOver) {
  settings.heartbeat = settings.tick;
  restart_shard();
  warm_up({1, 0});
  auto& phone = join(alice);
  happens(in_chat(secret, 5));
  until([&] { return !phone.ids().empty() && phone.ids().back() == "1-1"; });
  EXPECT_EQ(phone.names().back(), "heartbeat");
  EXPECT_EQ(phone.seen().back().data["type"], "heartbeat");
}

TEST_F(Delivery, ALargeFrameComesWhole) {
  auto& phone = join(alice);
  auto envelope = in_chat(lunch, 5);
  envelope.data = nlohmann::json{{"content", std::string(500'000, 'x')}}.dump();
  happens(envelope);
  happens(in_chat(lunch, 6));
  until_seen(phone, 3);
  EXPECT_EQ(phone.seen()[1].data["content"].get<std::string>().size(), 500'000U);
}

}  // namespace
}  // namespace fechatter::notify::test
