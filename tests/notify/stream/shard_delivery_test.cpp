#include "notify_server/stream/sse_frame.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;

class Delivery : public ShardTest {
 protected:
  Delivery() { warm_up(); }
};

TEST_F(Delivery, AFreshStreamGetsCaughtUp) {
  warm_up({1, 7});
  auto& phone = join(alice);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp"));
  EXPECT_THAT(phone.ids(), ElementsAre("1-7"));
  EXPECT_EQ(phone.head(), "HTTP/1.1 200 OK");
}

TEST_F(Delivery, EverySessionOfEveryMemberReceivesAnEvent) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  auto& other = join(bob);
  publish(in_chat(lunch, 5));
  for (auto* client : {&phone, &laptop, &other}) {
    until_received(*client, 2);
    EXPECT_THAT(client->names(), ElementsAre("CaughtUp", "NewMessage"));
    EXPECT_EQ(client->ids()[1], "1-1");
    EXPECT_EQ(client->frames()[1].data["event_id"], 5);
  }
}

TEST_F(Delivery, ANonMemberReceivesNoEventOfAChat) {
  auto& outsider = join(mallory);
  publish(in_chat(lunch, 5));
  publish(to_users({mallory}, 6));
  until_received(outsider, 2);
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(Delivery, EventsArriveInTheOrderOfTheStream) {
  auto& phone = join(alice);
  for (int i = 1; i <= 1000; ++i) publish(in_chat(lunch, i));
  until_received(phone, 1001);
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(phone.frames()[i].data["event_id"], i);
}

TEST_F(Delivery, AnEventForUsersReachesThemAlone) {
  auto& phone = join(alice);
  auto& other = join(bob);
  publish(to_users({alice}, 5));
  publish(in_chat(lunch, 6));
  until_received(phone, 3);
  until_received(other, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated", "NewMessage"));
  EXPECT_THAT(other.names(), ElementsAre("CaughtUp", "NewMessage"));
}

TEST_F(Delivery, AnEventForChatsReachesTheirMembersOnceAndNoOtherUser) {
  auto& phone = join(alice);
  auto& outsider = join(mallory);
  publish(to_chats({lunch, lunch, ChatId{999}}, 5));
  publish(to_users({mallory}, 6));
  publish(in_chat(lunch, 7));
  until_received(phone, 3);
  until_received(outsider, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated", "NewMessage"));
  EXPECT_EQ(outsider.frames()[1].data["event_id"], 6);
}

TEST_F(Delivery, AnEventForAWorkspaceReachesItsUsersAlone) {
  auto& outsider = join(mallory);
  publish(to_workspace(other_workspace, 5));
  publish(to_workspace(acme, 6));
  until_received(outsider, 2);
  EXPECT_EQ(outsider.frames()[1].data["event_id"], 6);
}

TEST_F(Delivery, AnEventOfAnotherWorkspaceDoesNotReachTheUsersItNames) {
  auto& phone = join(alice);
  auto foreign = to_users({alice}, 5);
  foreign.workspace_id = other_workspace;
  publish(foreign);
  publish(in_chat(lunch, 6));
  until_received(phone, 2);
  EXPECT_EQ(phone.frames()[1].data["event_id"], 6);
}

TEST_F(Delivery, AnAddedUserReceivesTheEventAndTheFollowingOnes) {
  auto& newcomer = join(mallory);
  publish(joins(mallory, lunch, 5));
  publish(in_chat(lunch, 6));
  until_received(newcomer, 3);
  EXPECT_THAT(newcomer.names(), ElementsAre("CaughtUp", "UserJoinedChat", "NewMessage"));
}

TEST_F(Delivery, AnAddedUserWhoIsAlsoNamedReceivesTheEventOnce) {
  auto& newcomer = join(mallory);
  auto envelope = joins(mallory, lunch, 5);
  envelope.audience = {event::AudienceKind::users, {mallory}};
  publish(envelope);
  publish(in_chat(lunch, 6));
  until_received(newcomer, 3);
  EXPECT_THAT(newcomer.names(), ElementsAre("CaughtUp", "UserJoinedChat", "NewMessage"));
}

TEST_F(Delivery, ARemovedUserReceivesTheEventAndNoLaterOne) {
  auto& phone = join(alice);
  publish(leaves(alice, lunch, 5));
  publish(in_chat(lunch, 6));
  publish(to_users({alice}, 7));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserLeftChat", "UserUpdated"));
}

TEST_F(Delivery, AUserRemovedTwiceReceivesBothEvents) {
  auto& phone = join(alice);
  publish(leaves(alice, lunch, 5));
  publish(joins(alice, lunch, 6));
  publish(leaves(alice, lunch, 7));
  until_received(phone, 4);
  EXPECT_THAT(phone.names(),
              ElementsAre("CaughtUp", "UserLeftChat", "UserJoinedChat", "UserLeftChat"));
}

TEST_F(Delivery, ChatDeletedReachesTheMembersAndIsTheLastEventOfTheChat) {
  auto& phone = join(alice);
  auto& other = join(bob);
  publish(ends(lunch, 5));
  publish(in_chat(lunch, 6));
  publish(to_workspace(acme, 7));
  for (auto* client : {&phone, &other}) {
    until_received(*client, 3);
    EXPECT_THAT(client->names(), ElementsAre("CaughtUp", "ChatDeleted", "WorkspaceUpdated"));
  }
}

TEST_F(Delivery, ChatDeletedReachesAMemberThatWasReadAfterTheDeletion) {
  database.rows = {{alice, lunch, EventId{5}, true}, {bob, lunch, EventId{5}, true}};
  auto& phone = join(alice);
  publish(ends(lunch, 5));
  publish(to_workspace(acme, 6));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "ChatDeleted", "WorkspaceUpdated"));
}

TEST_F(Delivery, ChatDeletedDoesNotReachAnEarlierMember) {
  auto& phone = join(alice);
  publish(leaves(alice, lunch, 5));
  publish(ends(lunch, 6));
  publish(to_workspace(acme, 7));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserLeftChat", "WorkspaceUpdated"));
}

TEST_F(Delivery, ARestoredChatHasItsMembersAgain) {
  auto& phone = join(alice);
  publish(ends(lunch, 5));
  publish(restores(lunch, 6));
  publish(in_chat(lunch, 7));
  until_received(phone, 4);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "ChatDeleted", "NewChat", "NewMessage"));
}

TEST_F(Delivery, AnEventToSeveralChatsDoesNotReachTheFormerMembersOfADeletedOne) {
  auto& phone = join(alice);
  publish(ends(lunch, 5));
  publish(to_chats({lunch}, 6));
  publish(to_workspace(acme, 7));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "ChatDeleted", "WorkspaceUpdated"));
}

TEST_F(Delivery, AfterALossAStreamGetsOneResetAndContinues) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 5));
  deliver(StreamUpdate::Kind::lost, {1, 10});
  publish(in_chat(lunch, 6));
  until_received(phone, 4);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "NewMessage", "Reset", "NewMessage"));
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "1-10", "1-11"));
  EXPECT_EQ(phone.frames()[2].data["reason"], "events_lost");
}

TEST_F(Delivery, AReconnectAfterALossMissesNoEvent) {
  auto& phone = join(alice);
  deliver(StreamUpdate::Kind::lost, {1, 10});
  until_received(phone, 2);
  publish(in_chat(lunch, 6));
  EXPECT_THAT(join(alice, phone.ids()[1]).ids(), ElementsAre("1-11", "1-11"));
}

TEST_F(Delivery, ACursorBeyondTheLossIsNotReset) {
  auto& phone = connect(alice, "1-12");
  until([&] { return !phone.head().empty(); });
  deliver(StreamUpdate::Kind::lost, {1, 10});
  publish(in_chat(lunch, 5));
  publish(in_chat(lunch, 6));
  publish(in_chat(lunch, 7));
  until_received(phone, 2);
  EXPECT_THAT(phone.ids(), ElementsAre("1-13", "1-13"));
  EXPECT_THAT(phone.names(), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(Delivery, AfterALossTheMembershipsAreReadAgain) {
  auto& phone = join(alice);
  database.rows.clear();
  deliver(StreamUpdate::Kind::lost, {1, 10});
  publish(in_chat(lunch, 6));
  publish(to_users({alice}, 7));
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "Reset", "UserUpdated"));
}

TEST_F(Delivery, ANewEpochContinuesWithoutAReset) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 5));
  head = {2, 0};
  publish(in_chat(lunch, 6));
  until_received(phone, 3);
  EXPECT_THAT(phone.ids(), ElementsAre("1-0", "1-1", "2-1"));
}

TEST_F(Delivery, ARepublishedEventIsNotDeliveredAgain) {
  auto& phone = join(alice);
  head = {2, 1};
  shard->deliver({{StreamUpdate::Kind::republished, head, make_event(in_chat(lunch, 5), head)}});
  publish(in_chat(lunch, 6));
  until_received(phone, 2);
  EXPECT_EQ(phone.frames()[1].data["event_id"], 6);
}

TEST_F(Delivery, AHeartbeatCarriesThePositionOfTheRing) {
  settings.heartbeat = settings.tick;
  restart_shard();
  warm_up({1, 0});
  auto& phone = join(alice);
  publish(in_chat(secret, 5));
  until([&] { return !phone.ids().empty() && phone.ids().back() == "1-1"; });
  EXPECT_EQ(phone.names().back(), "heartbeat");
  EXPECT_EQ(phone.frames().back().data["type"], "heartbeat");
}

TEST_F(Delivery, ALargeFrameArrivesComplete) {
  auto& phone = join(alice);
  auto envelope = in_chat(lunch, 5);
  envelope.data = nlohmann::json{{"content", std::string(500'000, 'x')}}.dump();
  publish(envelope);
  publish(in_chat(lunch, 6));
  until_received(phone, 3);
  EXPECT_EQ(phone.frames()[1].data["content"].get<std::string>().size(), 500'000U);
}

}  // namespace
}  // namespace fechatter::notify::test
