#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/balancer.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

// Three of each server behind one balancer, and two people in a chat.
class Instances : public testing::Test {
 protected:
  // Where to send: the balancer, and each instance.
  std::vector<std::uint16_t> doors_of_servers() const {
    return {balancer.server_port(), system.server.port(), servers[0].port(), servers[1].port()};
  }
  // Where to listen.
  std::vector<std::uint16_t> doors_of_notifies() const {
    return {balancer.notify_port(), system.notify.port(), notifies[0].port(), notifies[1].port()};
  }

  // The second and the third, started.
  static std::vector<Server> two_more(const System& system, Server (System::*another)() const) {
    std::vector<Server> more;
    for (int i = 0; i < 2; ++i) more.push_back((system.*another)());
    for (auto& server : more) server.start();
    return more;
  }

  // Posts as alice, at any port of a fechatter_server.
  void says(std::uint16_t port, const std::string& text) {
    const auto reply = request(port, "POST", fmt::format("/api/chat/{}/messages", chat),
                               nlohmann::json{{"content", text}}, alice.bearer());
    EXPECT_EQ(reply.status, 201) << reply.body;
  }

  // Opens bob's stream at any port of a notify_server.
  SseStream bob_listens(std::uint16_t port, const std::string& last_event_id = {}) {
    auto headers = bob.bearer();
    if (!last_event_id.empty()) headers["Last-Event-ID"] = last_event_id;
    SseStream stream{port, "/events", headers};
    EXPECT_EQ(stream.status(), 200) << stream.head();
    if (last_event_id.empty()) {
      EXPECT_TRUE(stream.next("CaughtUp"));
    }
    return stream;
  }

  // The next event but for CaughtUp must be this message; the id under which it was told.
  static std::string hears(SseStream& stream, const std::string& text) {
    auto event = stream.next();
    while (event && event->name == "CaughtUp") event = stream.next();
    const bool told = event && event->name == "NewMessage" && event->data.at("content") == text;
    EXPECT_TRUE(told) << text << ", but " << (event ? event->data.dump() : "nothing");
    return event ? event->id : "";
  }

  System system;
  std::vector<Server> servers = two_more(system, &System::another_server);
  std::vector<Server> notifies = two_more(system, &System::another_notify);
  Balancer balancer{{system.server.port(), servers[0].port(), servers[1].port()},
                    {system.notify.port(), notifies[0].port(), notifies[1].port()}};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Instances, WhatIsSentToAnyIsHeardOnAnyInOneOrder) {
  std::vector<SseStream> streams;
  for (const auto port : doors_of_notifies()) streams.push_back(bob_listens(port));
  std::vector<std::string> sent;
  for (int round = 0; round < 3; ++round) {
    for (const auto port : doors_of_servers()) {
      sent.push_back(fmt::format("message {} through port {}", sent.size(), port));
      says(port, sent.back());
    }
  }
  for (auto& stream : streams) {
    for (const auto& text : sent) hears(stream, text);
  }
}

TEST_F(Instances, WhoResumesOnAnotherOneGetsWhatWasMissedAndOnce) {
  auto stream = bob_listens(doors_of_notifies().back());
  says(doors_of_servers().back(), "heard");
  auto cursor = hears(stream, "heard");
  for (const auto port : doors_of_notifies()) {
    stream.close();
    says(balancer.server_port(), "missed");
    says(doors_of_servers().back(), "missed too");
    stream = bob_listens(port, cursor);
    hears(stream, "missed");
    hears(stream, "missed too");
    says(doors_of_servers().front(), "live");
    cursor = hears(stream, "live");
  }
}

TEST_F(Instances, AnInstanceThatIsKilledCostsItsListenersNothing) {
  auto stream = bob_listens(system.notify.port());
  says(balancer.server_port(), "heard");
  const auto cursor = hears(stream, "heard");
  system.notify.kill();
  EXPECT_TRUE(stream.ends());
  says(balancer.server_port(), "missed");
  stream = bob_listens(balancer.notify_port(), cursor);
  hears(stream, "missed");
  says(balancer.server_port(), "live");
  hears(stream, "live");
}

TEST_F(Instances, SendingGoesOnThroughTheBalancerWhenOneIsKilled) {
  auto stream = bob_listens(balancer.notify_port());
  servers[0].kill();
  for (const auto* text : {"one", "two", "three"}) {
    says(balancer.server_port(), text);
    hears(stream, text);
  }
}

TEST_F(Instances, WhoSignsOutOnOneIsOutOnAll) {
  std::vector<SseStream> streams;
  for (const auto port : doors_of_notifies()) streams.push_back(bob_listens(port));
  const auto signed_out =
      request(servers[1].port(), "POST", "/api/logout", nlohmann::json::object(), bob.bearer());
  EXPECT_EQ(signed_out.status, 200) << signed_out.body;
  for (auto& stream : streams) EXPECT_TRUE(stream.ends());
  for (const auto port : doors_of_servers()) {
    const auto is_refused = [&] {
      return request(port, "GET", "/api/chat", {}, bob.bearer()).status == 401;
    };
    EXPECT_TRUE(eventually(is_refused)) << port;
  }
  for (const auto port : doors_of_notifies()) {
    const auto is_refused = [&] {
      return SseStream{port, "/events", bob.bearer()}.status() == 401;
    };
    EXPECT_TRUE(eventually(is_refused)) << port;
  }
}

TEST_F(Instances, WhoIsRemovedThroughOneHearsNothingOnAny) {
  const auto carol = system.signs_up("carol");
  const auto room = alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "room");
  std::vector<SseStream> streams;
  for (const auto port : doors_of_notifies()) streams.push_back(bob_listens(port));
  const auto removed =
      request(servers[0].port(), "DELETE", fmt::format("/api/chat/{}/members", room),
              nlohmann::json::array({bob.id()}), alice.bearer());
  ASSERT_EQ(removed.status, 204) << removed.body;
  const auto secret = request(servers[1].port(), "POST", fmt::format("/api/chat/{}/messages", room),
                              nlohmann::json{{"content", "secret"}}, alice.bearer());
  ASSERT_EQ(secret.status, 201) << secret.body;
  says(balancer.server_port(), "for bob");
  for (auto& stream : streams) {
    EXPECT_TRUE(stream.next("UserLeftChat"));
    hears(stream, "for bob");
  }
}

}  // namespace
}  // namespace fechatter::test
