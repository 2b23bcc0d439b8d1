#include "notify_server/presence/presence_events.hpp"
#include "notify_server/stream/sse_frame.hpp"
#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;

// The sessions of the fixture are numbered from 1. Of the three, alice and bob share a chat.
class PresenceSubscription : public ShardTest {
 protected:
  PresenceSubscription() { warm_up(); }

  void subscribe(UserId user, std::int64_t session, std::vector<UserId> subjects,
                 std::vector<std::string> present = {}) {
    shard->subscribe({{user, acme}, SessionId{session}, std::move(subjects)},
                     [present = std::move(present)] { return present; });
  }
  void comes_online(UserId user, const std::vector<postgres::MemberRow>& memberships = {},
                    WorkspaceId workspace = acme) {
    const PresenceChange change{{user, workspace}, {PresenceStatus::online, SteadyClock::now()}};
    shard->fan_out_ephemeral(make_presence_events({change}, memberships));
  }
  // Ends a test: what came before on the stream is all that there was.
  void publish_last(UserId user) { publish(to_users({user}, 99)); }
};

TEST_F(PresenceSubscription, ASessionGetsWhatItHasSubscribedTo) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  subscribe(alice, 1, {mallory});
  comes_online(mallory);
  comes_online(bob);
  publish_last(alice);
  until_received(phone, 3);
  until_received(laptop, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserPresence", "UserUpdated"));
  EXPECT_EQ(phone.frames()[1].data["user_id"], mallory.value);
  EXPECT_THAT(laptop.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(PresenceSubscription, ThePresentStatesComeAtOnceToThatSession) {
  auto& phone = join(alice);
  subscribe(alice, 1, {bob, mallory},
            {presence_frame(bob, PresenceStatus::away, from_unix_micros(0), "web"),
             presence_frame(mallory, PresenceStatus::offline, std::nullopt, "")});
  until_received(phone, 3);
  EXPECT_EQ(phone.frames()[1].data["status"], "away");
  EXPECT_EQ(phone.frames()[2].data["status"], "offline");
}

TEST_F(PresenceSubscription, AListReplacesTheFormerOne) {
  auto& phone = join(alice);
  subscribe(alice, 1, {mallory});
  subscribe(alice, 1, {bob});
  comes_online(mallory);
  comes_online(bob);
  publish_last(alice);
  until_received(phone, 3);
  EXPECT_EQ(phone.frames()[1].data["user_id"], bob.value);
  subscribe(alice, 1, {});
  comes_online(bob);
  publish(to_users({alice}, 100));
  until_received(phone, 4);
  EXPECT_EQ(phone.frames()[3].event, "UserUpdated");
}

TEST_F(PresenceSubscription, AFellowInASmallChatGetsOneEvent) {
  auto& phone = join(alice);
  subscribe(alice, 1, {bob});
  comes_online(bob, {{bob, lunch, EventId{1}}});
  publish_last(alice);
  until_received(phone, 3);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserPresence", "UserUpdated"));
}

TEST_F(PresenceSubscription, EndsWithTheLastStreamOfTheSession) {
  auto& phone = join(alice);
  subscribe(alice, 1, {bob});
  shard->io().poll();
  phone.disconnect();
  until([&] { return shard->counts().connections == 0; });
  next_session = 1;  // the same session comes back
  auto& back = join(alice);
  comes_online(bob);
  publish_last(alice);
  until_received(back, 2);
  EXPECT_THAT(back.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(PresenceSubscription, OfASessionWithoutAStreamHereHasNoEffect) {
  auto& phone = join(alice);
  subscribe(alice, 7, {bob}, {presence_frame(bob, PresenceStatus::away, std::nullopt, "")});
  subscribe(bob, 1, {mallory});
  comes_online(bob);
  comes_online(mallory);
  publish_last(alice);
  until_received(phone, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

TEST_F(PresenceSubscription, SeesNoUserOfAnotherWorkspace) {
  auto& phone = join(alice);
  subscribe(alice, 1, {mallory});
  comes_online(mallory, {}, other_workspace);
  publish_last(alice);
  until_received(phone, 2);
  EXPECT_THAT(phone.names(), ElementsAre("CaughtUp", "UserUpdated"));
}

// Many streams may end at the same time, on the thread that serves all others.
TEST(PresenceSubscriptions, TheEndOfASessionLeavesThoseOfTheOthers) {
  PresenceSubscriptions subscriptions;
  CachedUser user;
  const std::vector subjects{alice, bob, bob};
  constexpr std::int64_t sessions = 1000;
  for (std::int64_t id = 1; id <= sessions; ++id) {
    subscriptions.set(user, SessionId{id}, subjects);
    subscriptions.set(user, SessionId{id}, subjects);  // instead of the former
  }
  const auto subscribed = [&](UserId subject) {
    std::set<SessionId> found;
    std::size_t visits = 0;
    subscriptions.for_each(subject, [&](const CachedUser&, SessionId session) {
      found.insert(session);
      ++visits;
    });
    EXPECT_EQ(visits, found.size());
    return found;
  };
  EXPECT_EQ(subscribed(bob).size(), 1000U);
  for (std::int64_t id = 1; id <= sessions; id += 2) subscriptions.remove(SessionId{id});
  EXPECT_EQ(subscribed(alice).size(), 500U);
  EXPECT_EQ(subscribed(bob).count(SessionId{1}), 0U);
  EXPECT_EQ(subscribed(bob).count(SessionId{2}), 1U);
  for (std::int64_t id = 2; id <= sessions; id += 2) subscriptions.remove(SessionId{id});
  EXPECT_TRUE(subscribed(bob).empty());
  EXPECT_TRUE(subscriptions.empty());
}

}  // namespace
}  // namespace fechatter::notify::test
