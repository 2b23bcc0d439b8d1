#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/api_description.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Two instances that forget soon. Alice, bob and carol are of one workspace, dave is of another;
// alice and bob are in a chat.
class Presence : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__PRESENCE_GRACE_MS", "50"},
                      {"FECHATTER_EVENTS__PRESENCE_DIGEST_MS", "400"},
                      {"FECHATTER_EVENTS__MEMBER_LIMIT", "2"}};
    return options;
  }

  Presence() { other.start(); }

  static SseStream listens(const Person& person, const Server& at) {
    SseStream stream{at.port(), "/events", person.bearer()};
    EXPECT_TRUE(stream.next("CaughtUp")) << stream.head();
    return stream;
  }

  // Whom somebody sees who asks one of the instances.
  static std::vector<std::int64_t> online(const Person& asks, const Server& at,
                                          const std::string& query = {}) {
    const auto reply = described_request(
        at.port(), {"notify_server", "GET", "/api/online-users" + query, {}}, asks.bearer());
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::int64_t> ids;
    const auto people = reply.json();
    for (const auto& person : people) ids.push_back(person.at("user_id"));
    return ids;
  }
  static bool sees(const Person& asks, const Server& at, const Person& whom) {
    const auto ids = online(asks, at);
    return std::find(ids.begin(), ids.end(), whom.id()) != ids.end();
  }

  // The next word of anybody's presence is this.
  static void hears(SseStream& stream, const Person& whom, const std::string& status) {
    const auto event = stream.next("UserPresence");
    ASSERT_TRUE(event) << whom.email() << " " << status;
    EXPECT_EQ(event->data.at("user_id"), whom.id());
    EXPECT_EQ(event->data.at("status"), status);
    EXPECT_EQ(event->id, "");
  }

  System system{options()};
  Server& here = system.notify;
  Server other = system.another_notify();
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave", "globex");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Presence, WhoListensOnOneInstanceIsOnlineOnTheOther) {
  const auto stream = listens(bob, other);
  ASSERT_TRUE(eventually([&] { return sees(alice, here, bob); }));
  EXPECT_THAT(online(alice, here, fmt::format("?chat_id={}", chat)),
              UnorderedElementsAre(bob.id()));
  const auto workspace = bob.auth().at("user").at("workspace_id").get<std::int64_t>();
  const auto of_workspace = fmt::format("?workspace_id={}", workspace);
  EXPECT_THAT(online(carol, here, of_workspace), UnorderedElementsAre(bob.id()));
  EXPECT_THAT(online(carol, here), IsEmpty());
  EXPECT_THAT(online(dave, here), IsEmpty());
}

TEST_F(Presence, WhoIsInAChatIsSeenThereByItsMembersAlone) {
  const auto streams = std::array{listens(alice, other), listens(bob, here)};
  const auto room = carol.makes_chat("PrivateChannel", {alice.id()}, "room");
  ASSERT_TRUE(eventually([&] { return sees(carol, here, alice); }));
  EXPECT_THAT(online(carol, here), UnorderedElementsAre(alice.id()));
  EXPECT_THAT(online(alice, here, fmt::format("?chat_id={}", room)),
              UnorderedElementsAre(alice.id()));
  const auto reply = request(here.port(), "GET", fmt::format("/api/online-users?chat_id={}", room),
                             {}, bob.bearer());
  EXPECT_EQ(reply.status, 404);
}

TEST_F(Presence, ComingAndLeavingIsToldOnTheOtherInstance) {
  auto stream = listens(alice, here);
  auto of_bob = listens(bob, other);
  hears(stream, bob, "online");
  of_bob.close();
  hears(stream, bob, "offline");
}

TEST_F(Presence, NobodyIsToldOfWhomTheyShareNoChatWith) {
  auto of_carol = listens(carol, here);
  auto of_dave = listens(dave, here);
  auto of_alice = listens(alice, here);
  const auto of_bob = listens(bob, other);
  hears(of_alice, bob, "online");
  carol.makes_chat("PublicChannel", {}, "carol's");
  dave.makes_chat("PublicChannel", {}, "dave's");
  EXPECT_EQ(of_carol.next()->name, "NewChat");
  EXPECT_EQ(of_dave.next()->name, "NewChat");
}

TEST_F(Presence, AboveTheLimitOfMembersItIsAskedForAndNotTold) {
  alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "many");
  auto of_alice = listens(alice, here);
  const auto of_carol = listens(carol, here);
  ASSERT_TRUE(sees(alice, here, carol));
  const auto of_bob = listens(bob, other);
  hears(of_alice, bob, "online");
}

TEST_F(Presence, AnInstanceThatIsKilledIsForgotten) {
  auto of_alice = listens(alice, here);
  const auto of_bob = listens(bob, other);
  hears(of_alice, bob, "online");
  other.kill();
  hears(of_alice, bob, "offline");
  EXPECT_FALSE(sees(alice, here, bob));
}

TEST_F(Presence, AnInstanceThatStartsLearnsWhoIsOnline) {
  const auto of_bob = listens(bob, here);
  other.kill();
  other.start();
  EXPECT_TRUE(eventually([&] { return sees(alice, other, bob); }));
}

TEST_F(Presence, WithoutNatsAnInstanceKnowsItsOwnPeople) {
  system.nats.kill();
  auto of_alice = listens(alice, here);
  auto of_bob = listens(bob, here);
  EXPECT_TRUE(sees(alice, here, bob));
  hears(of_alice, bob, "online");
  of_bob.close();
  hears(of_alice, bob, "offline");
  EXPECT_FALSE(sees(alice, here, bob));
}

TEST_F(Presence, OnceNatsIsBackTheOthersAreKnownAgain) {
  system.nats.kill();
  const auto of_bob = listens(bob, other);
  system.nats.start();
  EXPECT_TRUE(eventually([&] { return sees(alice, here, bob); }));
}

}  // namespace
}  // namespace fechatter::test
