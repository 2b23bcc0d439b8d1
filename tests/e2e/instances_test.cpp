#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/balancer.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

// Three instances of each server behind one balancer, and two users in a chat.
class Instances : public testing::Test {
 protected:
  // The balancer and each instance of fechatter_server.
  std::vector<std::uint16_t> server_ports() const {
    return {balancer.server_port(), system.server.port(), servers[0].port(), servers[1].port()};
  }
  // The balancer and each instance of notify_server.
  std::vector<std::uint16_t> notify_ports() const {
    return {balancer.notify_port(), system.notify.port(), notifies[0].port(), notifies[1].port()};
  }

  // Starts a second and a third instance.
  static std::vector<Server> start_two(const System& system, Server (System::*another)() const) {
    std::vector<Server> more;
    for (int i = 0; i < 2; ++i) more.push_back((system.*another)());
    for (auto& server : more) server.start();
    return more;
  }

  // Posts a message as alice.
  void post_at(std::uint16_t port, const std::string& text) {
    const auto reply = request(port, "POST", fmt::format("/api/chat/{}/messages", chat),
                               nlohmann::json{{"content", text}}, alice.bearer());
    EXPECT_EQ(reply.status, 201) << reply.body;
  }

  // Opens a stream of bob.
  SseStream bob_subscribes(std::uint16_t port,
                           const std::optional<std::string>& last_event_id = {}) {
    return bob.subscribes_at(port, last_event_id);
  }

  // Expects this message as the next event, except for CaughtUp; returns its cursor.
  static std::string expect_message(SseStream& stream, const std::string& text) {
    auto event = stream.next();
    while (event && event->name == "CaughtUp") event = stream.next();
    const bool is_expected =
        event && event->name == "NewMessage" && event->data.at("content") == text;
    EXPECT_TRUE(is_expected) << text << ", but " << (event ? event->data.dump() : "nothing");
    return event ? event->id : "";
  }

  System system;
  std::vector<Server> servers = start_two(system, &System::another_server);
  std::vector<Server> notifies = start_two(system, &System::another_notify);
  Balancer balancer{{system.server.port(), servers[0].port(), servers[1].port()},
                    {system.notify.port(), notifies[0].port(), notifies[1].port()}};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Instances, AMessageThroughAnyInstanceIsDeliveredByEveryInstanceInOneOrder) {
  std::vector<SseStream> streams;
  for (const auto port : notify_ports()) streams.push_back(bob_subscribes(port));
  std::vector<std::string> sent;
  for (int round = 0; round < 3; ++round) {
    for (const auto port : server_ports()) {
      sent.push_back(fmt::format("message {} through port {}", sent.size(), port));
      post_at(port, sent.back());
    }
  }
  for (auto& stream : streams) {
    for (const auto& text : sent) expect_message(stream, text);
  }
}

TEST_F(Instances, AClientThatResumesOnAnotherInstanceGetsMissedMessagesOnce) {
  auto stream = bob_subscribes(notify_ports().back());
  post_at(server_ports().back(), "received");
  auto cursor = expect_message(stream, "received");
  for (const auto port : notify_ports()) {
    stream.close();
    post_at(balancer.server_port(), "missed");
    post_at(server_ports().back(), "missed too");
    stream = bob_subscribes(port, cursor);
    expect_message(stream, "missed");
    expect_message(stream, "missed too");
    post_at(server_ports().front(), "live");
    cursor = expect_message(stream, "live");
  }
}

TEST_F(Instances, SubscribersOfAKilledInstanceLoseNothing) {
  auto stream = bob_subscribes(system.notify.port());
  post_at(balancer.server_port(), "received");
  const auto cursor = expect_message(stream, "received");
  system.notify.kill();
  EXPECT_TRUE(stream.ends());
  post_at(balancer.server_port(), "missed");
  stream = bob_subscribes(balancer.notify_port(), cursor);
  expect_message(stream, "missed");
  post_at(balancer.server_port(), "live");
  expect_message(stream, "live");
}

TEST_F(Instances, TheBalancerReachesTheOtherInstancesWhenOneIsKilled) {
  auto stream = bob_subscribes(balancer.notify_port());
  servers[0].kill();
  for (const auto* text : {"one", "two", "three"}) {
    post_at(balancer.server_port(), text);
    expect_message(stream, text);
  }
}

TEST_F(Instances, ASignOutOnOneInstanceHoldsOnAll) {
  std::vector<SseStream> streams;
  for (const auto port : notify_ports()) streams.push_back(bob_subscribes(port));
  const auto signed_out =
      request(servers[1].port(), "POST", "/api/logout", nlohmann::json::object(), bob.bearer());
  EXPECT_EQ(signed_out.status, 200) << signed_out.body;
  for (auto& stream : streams) EXPECT_TRUE(stream.ends());
  for (const auto port : server_ports()) {
    const auto is_refused = [&] {
      return request(port, "GET", "/api/chat", {}, bob.bearer()).status == 401;
    };
    EXPECT_TRUE(eventually(is_refused)) << port;
  }
  for (const auto port : notify_ports()) {
    const auto is_refused = [&] {
      return SseStream{port, "/events", bob.bearer()}.status() == 401;
    };
    EXPECT_TRUE(eventually(is_refused)) << port;
  }
}

TEST_F(Instances, ARemovedMemberReceivesNothingOnAnyInstance) {
  const auto carol = system.signs_up("carol");
  const auto room = alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "room");
  std::vector<SseStream> streams;
  for (const auto port : notify_ports()) streams.push_back(bob_subscribes(port));
  const auto removed =
      request(servers[0].port(), "DELETE", fmt::format("/api/chat/{}/members", room),
              nlohmann::json::array({bob.id()}), alice.bearer());
  ASSERT_EQ(removed.status, 204) << removed.body;
  const auto secret = request(servers[1].port(), "POST", fmt::format("/api/chat/{}/messages", room),
                              nlohmann::json{{"content", "secret"}}, alice.bearer());
  ASSERT_EQ(secret.status, 201) << secret.body;
  post_at(balancer.server_port(), "for bob");
  for (auto& stream : streams) {
    EXPECT_TRUE(stream.next("UserLeftChat"));
    expect_message(stream, "for bob");
  }
}

TEST(StartOfAServer, OnATakenPortEndsItWithAMessage) {
  const System system;
  const auto expect_ending = [](Server second, const Server& first) {
    second.take_port_of(first);
    second.spawn();
    EXPECT_EQ(second.wait(), 1) << second.log();
    EXPECT_THAT(second.log(), testing::HasSubstr("ddress already in use"));
  };
  expect_ending(system.another_server(), system.server);
  expect_ending(system.another_notify(), system.notify);
}

}  // namespace
}  // namespace fechatter::test
