#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/api_description.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Two instances with short presence timeouts. Alice, bob and carol are users of one workspace, dave
// of another one; alice and bob share a chat.
class Presence : public testing::Test {
 protected:
  static SystemOptions options(const std::string& grace_ms) {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500"},
                      {"FECHATTER_EVENTS__PRESENCE_GRACE_MS", grace_ms},
                      {"FECHATTER_EVENTS__PRESENCE_DIGEST_MS", "400"},
                      {"FECHATTER_EVENTS__PRESENCE_INTERVAL_MS", "100"}};
    // notify_server obeys it, too.
    options.server = {{"FECHATTER_EVENTS__FAN_OUT_MEMBER_LIMIT", "2"}};
    return options;
  }

  explicit Presence(const std::string& grace_ms = "50") : system{options(grace_ms)} {
    other.start();
  }

  static SseStream subscribes(const Person& person, const Server& at) {
    SseStream stream{at.port(), "/events", person.bearer()};
    EXPECT_TRUE(stream.next("CaughtUp")) << stream.head();
    return stream;
  }

  // The ids of the users that one instance reports to `viewer` as online.
  static std::vector<std::int64_t> online(const Person& viewer, const Server& at,
                                          const std::string& query = {}) {
    const auto reply = described_request(
        at.port(), {"notify_server", "GET", "/api/online-users" + query, {}}, viewer.bearer());
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::int64_t> ids;
    const auto people = reply.json();
    for (const auto& person : people) ids.push_back(person.at("user_id"));
    return ids;
  }
  static bool sees(const Person& viewer, const Server& at, const Person& user) {
    const auto ids = online(viewer, at);
    return std::find(ids.begin(), ids.end(), user.id()) != ids.end();
  }

  // Expects this presence event as the next one on the stream.
  static void expect_presence(SseStream& stream, const Person& user, const std::string& status) {
    const auto event = stream.next("UserPresence");
    ASSERT_TRUE(event) << user.email() << " " << status;
    EXPECT_EQ(event->data.at("user_id"), user.id());
    EXPECT_EQ(event->data.at("status"), status);
    EXPECT_EQ(event->id, "");
  }

  System system;
  Server& here = system.notify;
  Server other = system.another_notify();
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave", "globex");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

// Each test begins within the grace after the start of both.
class PresenceWithALongGrace : public Presence {
 protected:
  PresenceWithALongGrace() : Presence{"600000"} {}
};

TEST_F(Presence, AUserConnectedToOneInstanceIsOnlineOnTheOther) {
  const auto stream = subscribes(bob, other);
  ASSERT_TRUE(eventually([&] { return sees(alice, here, bob); }));
  EXPECT_THAT(online(alice, here, fmt::format("?chat_id={}", chat)),
              UnorderedElementsAre(bob.id()));
  const auto workspace = bob.auth().at("user").at("workspace_id").get<std::int64_t>();
  const auto of_workspace = fmt::format("?workspace_id={}", workspace);
  EXPECT_THAT(online(carol, here, of_workspace), UnorderedElementsAre(bob.id()));
  EXPECT_THAT(online(carol, here), IsEmpty());
  EXPECT_THAT(online(dave, here), IsEmpty());
}

TEST_F(Presence, TheListsHavePages) {
  const auto streams = std::array{subscribes(alice, other), subscribes(bob, here)};
  carol.makes_chat("PrivateChannel", {alice.id(), bob.id()}, "room");
  ASSERT_TRUE(eventually([&] { return sees(carol, here, alice) && sees(carol, here, bob); }));
  const auto workspace = bob.auth().at("user").at("workspace_id").get<std::int64_t>();
  const std::vector present{alice.id(), bob.id()};
  // Alice is a caller that is on the list.
  for (const auto* viewer : {&alice, &carol}) {
    for (const auto& list : {std::string{"?"}, fmt::format("?workspace_id={}&", workspace)}) {
      EXPECT_EQ(online(*viewer, here, list + "limit=2000"), present);
      EXPECT_EQ(online(*viewer, here, list + "limit=1"), std::vector{alice.id()});
      const auto rest = fmt::format("{}limit=1&after_id={}", list, alice.id());
      EXPECT_EQ(online(*viewer, here, rest), std::vector{bob.id()});
      const auto after_bob = fmt::format("{}after_id={}", list, bob.id());
      EXPECT_THAT(online(*viewer, here, after_bob), IsEmpty());
    }
  }
  const auto first = request(here.port(), "GET", "/api/online-users?limit=1", {}, carol.bearer());
  EXPECT_EQ(first.header("x-next-cursor"), std::to_string(alice.id()));
  const auto all = request(here.port(), "GET", "/api/online-users?limit=1001", {}, carol.bearer());
  EXPECT_EQ(all.header("x-next-cursor"), "");
  EXPECT_EQ(all.header("x-limit-applied"), "1000");
}

TEST_F(Presence, ThePresenceInAChatIsVisibleToItsMembersOnly) {
  const auto streams = std::array{subscribes(alice, other), subscribes(bob, here)};
  const auto room = carol.makes_chat("PrivateChannel", {alice.id()}, "room");
  ASSERT_TRUE(eventually([&] { return sees(carol, here, alice); }));
  EXPECT_THAT(online(carol, here), UnorderedElementsAre(alice.id()));
  EXPECT_THAT(online(alice, here, fmt::format("?chat_id={}", room)),
              UnorderedElementsAre(alice.id()));
  const auto reply = request(here.port(), "GET", fmt::format("/api/online-users?chat_id={}", room),
                             {}, bob.bearer());
  EXPECT_EQ(reply.status, 404);
}

TEST_F(Presence, PresenceChangesAreDeliveredByTheOtherInstance) {
  auto stream = subscribes(alice, here);
  auto of_bob = subscribes(bob, other);
  expect_presence(stream, bob, "online");
  of_bob.close();
  expect_presence(stream, bob, "offline");
}

TEST_F(Presence, PresenceIsDeliveredToUsersWithASharedChatOnly) {
  auto of_carol = subscribes(carol, here);
  auto of_dave = subscribes(dave, here);
  auto of_alice = subscribes(alice, here);
  const auto of_bob = subscribes(bob, other);
  expect_presence(of_alice, bob, "online");
  carol.makes_chat("PublicChannel", {}, "carol's");
  dave.makes_chat("PublicChannel", {}, "dave's");
  EXPECT_EQ(of_carol.next()->name, "NewChat");
  EXPECT_EQ(of_dave.next()->name, "NewChat");
}

TEST_F(Presence, AboveTheFanOutMemberLimitPresenceIsQueriedAndNotDelivered) {
  alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "many");
  auto of_alice = subscribes(alice, here);
  const auto of_carol = subscribes(carol, here);
  ASSERT_TRUE(sees(alice, here, carol));
  const auto of_bob = subscribes(bob, other);
  expect_presence(of_alice, bob, "online");
}

TEST_F(Presence, UsersOfAKilledInstanceGoOffline) {
  auto of_alice = subscribes(alice, here);
  const auto of_bob = subscribes(bob, other);
  expect_presence(of_alice, bob, "online");
  other.kill();
  expect_presence(of_alice, bob, "offline");
  EXPECT_FALSE(sees(alice, here, bob));
}

TEST_F(Presence, AStartingInstanceLearnsTheOnlineUsers) {
  const auto of_bob = subscribes(bob, here);
  other.kill();
  other.start();
  // At once, unless the machine is so busy that the answer comes later than that instance waits.
  EXPECT_TRUE(eventually([&] { return sees(alice, other, bob); }));
}

TEST_F(PresenceWithALongGrace, AClientThatHasAskedANewInstanceSeesTheUsersThatComeThen) {
  auto of_alice = subscribes(alice, other);
  EXPECT_FALSE(sees(alice, other, bob));
  const nlohmann::json list{{"user_ids", nlohmann::json::array({carol.id()})}};
  const auto asked =
      request(other.port(), "POST", "/api/presence/subscriptions", list, alice.bearer());
  EXPECT_EQ(asked.status, 204);
  expect_presence(of_alice, carol, "offline");
  const auto of_bob = subscribes(bob, other);
  expect_presence(of_alice, bob, "online");
  const auto of_carol = subscribes(carol, here);
  expect_presence(of_alice, carol, "online");
}

TEST_F(Presence, WithoutNatsAnInstanceKnowsItsOwnUsers) {
  system.nats.kill();
  auto of_alice = subscribes(alice, here);
  auto of_bob = subscribes(bob, here);
  EXPECT_TRUE(sees(alice, here, bob));
  expect_presence(of_alice, bob, "online");
  of_bob.close();
  expect_presence(of_alice, bob, "offline");
  EXPECT_FALSE(sees(alice, here, bob));
}

TEST_F(Presence, AfterANatsOutageTheUsersOfOtherInstancesAreKnownAgain) {
  system.nats.kill();
  const auto of_bob = subscribes(bob, other);
  system.nats.start();
  EXPECT_TRUE(eventually([&] { return sees(alice, here, bob); }));
}

}  // namespace
}  // namespace fechatter::test
