#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/api_description.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Two instances; users away after 6 s without activity, where a test says so. Alice and bob share
// a chat, carol is their colleague, dave is of another workspace.
class StatusOfPresence : public testing::Test {
 protected:
  static SystemOptions options(const std::string& away_ms) {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500"},
                      {"FECHATTER_EVENTS__PRESENCE_GRACE_MS", "50"},
                      {"FECHATTER_EVENTS__PRESENCE_DIGEST_MS", "400"},
                      {"FECHATTER_EVENTS__PRESENCE_INTERVAL_MS", "100"},
                      {"FECHATTER_EVENTS__PRESENCE_AWAY_MS", away_ms}};
    return options;
  }

  explicit StatusOfPresence(const std::string& away_ms = "300000") : system{options(away_ms)} {
    other.start();
  }

  static SseStream subscribes(const Person& person, const Server& at) {
    SseStream stream{at.port(), "/events", person.bearer()};
    EXPECT_TRUE(stream.next("CaughtUp")) << stream.head();
    return stream;
  }
  // What an instance says of a user to a viewer: null when the user is not present.
  static json seen(const Person& viewer, const Server& at, const Person& user) {
    const auto reply = described_request(
        at.port(), {"notify_server", "GET", "/api/online-users", {}}, viewer.bearer());
    EXPECT_EQ(reply.status, 200) << reply.body;
    for (const auto& one : reply.json()) {
      if (one.at("user_id") == user.id()) return one;
    }
    return nullptr;
  }
  static bool is(const Person& viewer, const Server& at, const Person& user,
                 const std::string& status) {
    const auto one = seen(viewer, at, user);
    return !one.is_null() && one.at("status") == status;
  }
  int says(const Person& user, const json& body) {
    return described_request(system.server.port(),
                             {"fechatter_server", "POST", "/api/presence", body}, user.bearer())
        .status;
  }
  static Reply subscribes_to(const Person& user, const Server& at, const json& user_ids) {
    return described_request(
        at.port(),
        {"notify_server", "POST", "/api/presence/subscriptions", json{{"user_ids", user_ids}}},
        user.bearer());
  }
  static json next_presence(SseStream& stream, const Person& of) {
    while (const auto event = stream.next("UserPresence")) {
      expect_described(*event);
      EXPECT_EQ(event->id, "");
      if (event->data.at("user_id") == of.id()) return event->data;
    }
    ADD_FAILURE() << "no presence of " << of.email();
    return nullptr;
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

class QuickStatusOfPresence : public StatusOfPresence {
 protected:
  QuickStatusOfPresence() : StatusOfPresence{"6000"} {}
};

TEST_F(StatusOfPresence, AwayThatWasSaidHoldsOnAllInstancesUntilTakenBack) {
  auto of_alice = subscribes(alice, here);
  auto of_bob = subscribes(bob, other);
  EXPECT_EQ(next_presence(of_alice, bob).at("status"), "online");
  EXPECT_EQ(says(bob, json{{"status", "away"}, {"platform", "web"}}), 204);
  const auto away = next_presence(of_alice, bob);
  EXPECT_EQ(away.at("status"), "away");
  EXPECT_EQ(next_presence(of_bob, bob).at("status"), "away");  // in the user's own sessions
  EXPECT_EQ(away.at("platform"), "web");
  bob.posts(chat, "still away");
  const auto second = subscribes(bob, here);
  for (const auto* at : {&here, &other}) {
    EXPECT_TRUE(eventually([&] { return is(alice, *at, bob, "away"); }));
  }
  EXPECT_EQ(says(bob, json{{"status", "online"}}), 204);
  EXPECT_EQ(next_presence(of_alice, bob).at("status"), "online");
}

TEST_F(QuickStatusOfPresence, AUserWithoutActivityIsAwayAndSendingEndsIt) {
  auto of_alice = subscribes(alice, here);
  const auto of_bob = subscribes(bob, other);
  EXPECT_EQ(next_presence(of_alice, bob).at("status"), "online");
  EXPECT_EQ(next_presence(of_alice, bob).at("status"), "away");
  EXPECT_TRUE(eventually([&] { return is(alice, other, bob, "away"); }));
  bob.posts(chat, "back");
  EXPECT_EQ(next_presence(of_alice, bob).at("status"), "online");
}

TEST_F(StatusOfPresence, WhatWasSaidOutlivesTheInstancesAndTheStreams) {
  EXPECT_EQ(says(bob, json{{"status", "away"}}), 204);  // without any stream
  ASSERT_TRUE(eventually([&] {
    return system.database->number("SELECT count(*) FROM user_presence WHERE away") == 1;
  }));
  here.stop();
  here.start();
  const auto of_bob = subscribes(bob, here);
  EXPECT_TRUE(eventually([&] { return is(alice, here, bob, "away"); }));
}

TEST_F(StatusOfPresence, ASubscriptionReachesTheSessionWhereverItsStreamIs) {
  auto of_alice = subscribes(alice, other);
  EXPECT_EQ(subscribes_to(alice, here, json::array({carol.id()})).status, 204);
  const auto before = next_presence(of_alice, carol);
  EXPECT_EQ(before.at("status"), "offline");
  EXPECT_TRUE(before.at("last_seen").is_null());
  auto of_carol = subscribes(carol, here);
  EXPECT_EQ(next_presence(of_alice, carol).at("status"), "online");
  of_carol.close();
  EXPECT_EQ(next_presence(of_alice, carol).at("status"), "offline");
}

// The stream may be on an instance that the list no longer reaches.
TEST_F(StatusOfPresence, WithoutNatsASubscriptionIsRefused) {
  const auto of_alice = subscribes(alice, here);
  const auto list = json::array({carol.id()});
  system.nats.kill();
  EXPECT_TRUE(eventually([&] { return subscribes_to(alice, here, list).status == 503; }));
  EXPECT_THAT(subscribes_to(alice, here, list).body, HasSubstr("server.nats_unavailable"));
  system.nats.start();
  EXPECT_TRUE(eventually([&] { return subscribes_to(alice, here, list).status == 204; }));
}

TEST_F(StatusOfPresence, WhenAUserWasSeenIsStored) {
  subscribes(carol, here).close();
  ASSERT_TRUE(eventually([&] {
    return system.database->number(fmt::format(
               "SELECT count(*) FROM user_presence WHERE user_id = {}", carol.id())) == 1;
  }));
  auto of_alice = subscribes(alice, other);
  EXPECT_EQ(subscribes_to(alice, other, json::array({carol.id()})).status, 204);
  const auto seen = next_presence(of_alice, carol);
  EXPECT_EQ(seen.at("status"), "offline");
  EXPECT_FALSE(seen.at("last_seen").is_null());
}

TEST_F(StatusOfPresence, UsersOfAnotherWorkspaceCannotBeSubscribedTo) {
  auto of_alice = subscribes(alice, here);
  const auto refused = subscribes_to(alice, here, json::array({carol.id(), dave.id()}));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("\"user_ids\""));
  EXPECT_THAT(refused.json().at("detail").get<std::string>(),
              testing::EndsWith(": " + std::to_string(dave.id())));
  const auto of_carol = subscribes(carol, here);
  const auto of_bob = subscribes(bob, here);
  const auto event = of_alice.next("UserPresence");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("user_id"), bob.id());
}

TEST_F(StatusOfPresence, MalformedListsAreRefused) {
  json many = json::array();
  for (int i = 0; i < 201; ++i) many.push_back(alice.id());
  const json lists[] = {many, "all", json::array({0}), json::array({"1"}), nullptr};
  for (const auto& list : lists) {
    const auto reply = subscribes_to(alice, here, list);
    EXPECT_EQ(reply.status, 422) << list;
    EXPECT_THAT(reply.body, HasSubstr("user_ids"));
  }
  many.erase(many.begin());
  EXPECT_EQ(subscribes_to(alice, here, many).status, 204);
}

TEST_F(StatusOfPresence, OnlyOnlineAndAwayCanBeSaid) {
  const json bodies[] = {json::object(),
                         json{{"status", "offline"}},
                         json{{"status", "busy"}},
                         json{{"status", 1}},
                         json{{"status", "online"}, {"platform", std::string(33, 'x')}},
                         json{{"status", "online"}, {"platform", "<b>"}}};
  for (const auto& body : bodies) EXPECT_EQ(says(alice, body), 422) << body;
}

TEST_F(StatusOfPresence, TheOnlineMembersOfAChatAreThoseOfItsQuery) {
  const auto of_bob = subscribes(bob, here);
  const auto path = fmt::format("/api/chat/{}/online", chat);
  ASSERT_TRUE(eventually([&] { return !seen(alice, here, bob).is_null(); }));
  const auto reply =
      described_request(here.port(), {"notify_server", "GET", path, {}}, alice.bearer());
  ASSERT_EQ(reply.status, 200);
  ASSERT_EQ(reply.json().size(), 1U);
  EXPECT_EQ(reply.json()[0].at("user_id"), bob.id());
  EXPECT_EQ(request(here.port(), "GET", path, {}, carol.bearer()).status, 404);
}

}  // namespace
}  // namespace fechatter::test
