#include "notify_server/presence/presence_events.hpp"
#include "notify_server/typing/typing_channel.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Presence events in a chat of alice and bob.
class EphemeralEvent : public ShardTest {
 protected:
  EphemeralEvent() { warm_up(); }

  static PresenceChange online(UserId user, WorkspaceId workspace = acme) {
    return {{user, workspace}, {PresenceStatus::online, SteadyClock::now()}};
  }

  // A member of that chat is online now.
  void comes_online(UserId user, ChatId chat, WorkspaceId workspace = acme) {
    const auto change = online(user, workspace);
    shard->fan_out_ephemeral(make_presence_events({change}, {{user, chat, EventId{1}}}));
  }
};

TEST_F(EphemeralEvent, ReachesTheMembersOfTheChatWithoutAPosition) {
  auto& phone = join(alice);
  comes_online(bob, lunch);
  until_received(phone, 2);
  EXPECT_EQ(phone.frames()[1].event, "UserPresence");
  EXPECT_EQ(phone.frames()[1].id, "");
  EXPECT_EQ(phone.frames()[1].data["user_id"], bob.value);
}

// The backlog of a new epoch brings mallory's former membership back, until its end comes, too.
TEST_F(EphemeralEvent, OfAChatReachesNoFormerMemberWhileABacklogIsRepublished) {
  const auto typing = [] { return make_typing_event({acme, lunch, bob, "bob", true, now()}); };
  auto& former = join(mallory);
  auto& phone = join(alice);
  head = {2, 0};
  republish_through = EventId{9};
  publish(joins(mallory, lunch, 2));
  auto read = in_chat(lunch, 3, "MessageRead");
  read.audience = {event::AudienceKind::users, {bob}, {}, {lunch}, {}};
  publish(read);
  until([&] { return shard->position() == head; });
  shard->fan_out_ephemeral({typing()});
  comes_online(bob, lunch);
  publish(leaves(mallory, lunch, 9));
  until([&] { return shard->position() == head; });
  shard->fan_out_ephemeral({typing()});
  until([&] { return phone.has("TypingStatus"); });
  publish(to_users({mallory}, 10));
  until([&] { return former.has("UserUpdated"); });
  EXPECT_FALSE(former.has("TypingStatus"));
  EXPECT_FALSE(former.has("MessageRead"));
  EXPECT_EQ(std::ranges::count(phone.names(), "TypingStatus"), 1);
  EXPECT_TRUE(phone.has("UserPresence"));
}

TEST_F(EphemeralEvent, ReachesNoOtherUserAndNotItsSubject) {
  auto& outsider = join(mallory);
  auto& phone = join(alice);
  comes_online(alice, lunch);  // herself
  comes_online(bob, secret);
  comes_online(bob, lunch, other_workspace);
  publish(to_users({alice, mallory}, 5));
  until_received(phone, 2);
  until_received(outsider, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated"));
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(EphemeralEvent, OfBeingAwayReachesTheSessionsOfItsSubjectOnce) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  auto& fellow = join(bob);
  auto& outsider = join(mallory);
  const PresenceChange away{{alice, acme}, {PresenceStatus::away, SteadyClock::now()}, true};
  shard->fan_out_ephemeral(make_presence_events({away}, {{alice, lunch, EventId{1}}}));
  publish(to_users({alice, bob, mallory}, 5));
  for (auto* client : {&phone, &laptop, &fellow}) {
    until_received(*client, 3);
    EXPECT_THAT(client->names(), ElementsAre("CaughtUp", "UserPresence", "UserUpdated"));
    EXPECT_EQ(client->frames()[1].data["status"], "away");
  }
  until_received(outsider, 2);
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(EphemeralEvent, IsNotReplayed) {
  auto& phone = join(alice);
  comes_online(bob, lunch);
  until_received(phone, 2);
  publish(in_chat(lunch, 5));
  until_received(phone, 3);
  auto& back = connect(alice, phone.frames()[0].id);
  until([&] { return back.has("CaughtUp"); });
  EXPECT_THAT(back.names(), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(EphemeralEvent, IsDroppedForABlockedConnection) {
  auto& slow = connect(alice, {}, 4096);
  until([&] { return slow.has("CaughtUp"); });
  auto big = in_chat(lunch, 5);
  big.data = nlohmann::json{{"content", std::string(200'000, 'x')}}.dump();
  publish(big);
  shard->io().poll();  // the kernel has refused bytes by now
  comes_online(bob, lunch);
  shard->io().poll();
  until_received(slow, 2);
  publish(in_chat(lunch, 6));
  until_received(slow, 3);
  EXPECT_THAT(slow.names(), ElementsAre("CaughtUp", "NewMessage", "NewMessage"));
}

TEST_F(EphemeralEvent, EachStreamThatOpensOrClosesIsReported) {
  std::vector<std::tuple<UserId, SessionId, bool>> streams;
  shard = std::make_unique<Shard>(
      settings,
      CatchUpSources{
          [this](std::vector<UserId> users) { return database.read(std::move(users)); }, {}, {}},
      revoked, [&streams](PresenceUser user, SessionId session, bool opened) {
        streams.emplace_back(user.user_id, session, opened);
      });
  warm_up();
  auto& phone = join(alice);
  auto& laptop = join(alice);
  phone.disconnect();
  until([&] { return shard->counts().connections == 1; });
  EXPECT_EQ(shard->counts().online_users, 1U);
  laptop.disconnect();
  until([&] { return shard->counts().connections == 0; });
  EXPECT_EQ(shard->counts().online_users, 0U);
  ASSERT_EQ(streams.size(), 4U);
  const auto first = std::get<1>(streams[0]);
  const auto second = std::get<1>(streams[1]);
  EXPECT_NE(first, second);
  EXPECT_THAT(streams,
              ElementsAre(std::tuple{alice, first, true}, std::tuple{alice, second, true},
                          std::tuple{alice, first, false}, std::tuple{alice, second, false}));
}

// An event of alice's own sessions that the others of the chat get as an ephemeral one.
event::Envelope read_by_alice(std::vector<UserId> except = {}) {
  auto envelope = in_chat(lunch, 5, "MessageRead");
  envelope.audience = {event::AudienceKind::users, {alice}, {}, {lunch}, std::move(except)};
  return envelope;
}

TEST_F(EphemeralEvent, OfADurableOneReachesTheOthersWithoutAPosition) {
  auto& own = join(alice);
  auto& others = join(bob);
  auto& outsider = join(mallory);
  publish(read_by_alice());
  publish(to_users({alice, bob, mallory}, 6));
  until_received(own, 3);
  until_received(others, 3);
  until_received(outsider, 2);
  EXPECT_THAT(own.names(), ElementsAre("CaughtUp", "MessageRead", "UserUpdated"));
  EXPECT_EQ(own.ids()[1], "1-1");
  EXPECT_THAT(others.names(), ElementsAre("CaughtUp", "MessageRead", "UserUpdated"));
  EXPECT_EQ(others.frames()[1].id, "");
  EXPECT_EQ(others.frames()[1].data, own.frames()[1].data);
  EXPECT_THAT(outsider.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(EphemeralEvent, OfADurableOneLeavesOutTheExcepted) {
  auto& others = join(bob);
  publish(read_by_alice({bob}));
  publish(to_users({bob}, 6));
  until_received(others, 2);
  EXPECT_THAT(others.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(EphemeralEvent, OfADurableOneIsReplayedToItsOwnUsersOnly) {
  auto& own = join(alice);
  publish(read_by_alice());
  publish(in_chat(lunch, 6));
  until_received(own, 3);
  auto& back = connect(alice, own.frames()[0].id);
  auto& other = connect(bob, own.frames()[0].id);
  until([&] { return back.has("CaughtUp") && other.has("CaughtUp"); });
  EXPECT_THAT(back.names(), ElementsAre("MessageRead", "NewMessage", "CaughtUp"));
  EXPECT_THAT(other.names(), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(EphemeralEvent, OfAUserWithoutAChatIsForSubscribersOnly) {
  const auto events = make_presence_events({online(alice)}, {});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(events[0]->to_subscribers);
  EXPECT_THAT(events[0]->chats, IsEmpty());
}

}  // namespace
}  // namespace fechatter::notify::test
