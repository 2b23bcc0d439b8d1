#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/clock.hpp"
#include "tests/support/api_description.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// Two instances. Alice, bob and carol share a chat of as many members as the fan-out limit.
class TypingInAChat : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.server = {{"FECHATTER_EVENTS__FAN_OUT_MEMBER_LIMIT", "3"}};
    return options;
  }

  TypingInAChat() { other.start(); }

  static SseStream subscribes(const Person& person, const Server& at) {
    return person.subscribes_at(at.port());
  }
  Reply types(const Person& person, std::int64_t in, const json& is_typing = true) {
    return described_request(system.server.port(),
                             {"fechatter_server", "POST", fmt::format("/api/chat/{}/typing", in),
                              json{{"is_typing", is_typing}}},
                             person.bearer());
  }
  static json next_typing(SseStream& stream) {
    const auto event = stream.next("TypingStatus");
    if (!event) {
      ADD_FAILURE() << "no TypingStatus";
      return {{"is_typing", nullptr}, {"user_id", nullptr}, {"expires_at", ""}};
    }
    expect_described(*event);
    EXPECT_EQ(event->id, "");
    return event->data;
  }
  // The names of the next events up to the first `last`, without presence.
  static std::vector<std::string> names_until(SseStream& stream, const std::string& last) {
    std::vector<std::string> names;
    while (const auto event = stream.next()) {
      if (event->name == "UserPresence" || event->name.empty()) continue;
      names.push_back(event->name);
      if (event->name == last) break;
    }
    return names;
  }

  System system{options()};
  Server& here = system.notify;
  Server other = system.another_notify();
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
};

TEST_F(TypingInAChat, ReachesTheOtherMembersOnEachInstance) {
  auto of_alice = subscribes(alice, here);
  auto of_bob = subscribes(bob, here);
  auto of_carol = subscribes(carol, other);
  auto of_dave = subscribes(dave, here);
  EXPECT_EQ(types(alice, chat).status, 204);
  for (auto* stream : {&of_bob, &of_carol}) {
    const auto typing = next_typing(*stream);
    EXPECT_EQ(typing.at("chat_id"), chat);
    EXPECT_EQ(typing.at("user_id"), alice.id());
    EXPECT_EQ(typing.at("user_name"), "alice");
    EXPECT_EQ(typing.at("is_typing"), true);
    const auto expires_at = parse_rfc3339(typing.at("expires_at").get<std::string>());
    ASSERT_TRUE(expires_at);
    EXPECT_LE(*expires_at, now() + std::chrono::seconds{10});
    EXPECT_GT(*expires_at, now());
  }
  EXPECT_EQ(types(alice, chat, false).status, 204);
  EXPECT_EQ(next_typing(of_bob).at("is_typing"), false);
  EXPECT_EQ(next_typing(of_carol).at("is_typing"), false);
  bob.posts(chat, "last");
  EXPECT_THAT(names_until(of_alice, "NewMessage"), ElementsAre("NewMessage"));
  dave.makes_chat("PublicChannel", {}, "dave's");
  EXPECT_THAT(names_until(of_dave, "NewChat"), ElementsAre("NewChat"));
}

TEST_F(TypingInAChat, EndsWithTheMessageOfThatUser) {
  auto of_bob = subscribes(bob, other);
  EXPECT_EQ(types(alice, chat).status, 204);
  EXPECT_EQ(next_typing(of_bob).at("is_typing"), true);
  carol.posts(chat, "of another");
  alice.posts(chat, "written");
  EXPECT_THAT(names_until(of_bob, "TypingStatus"),
              ElementsAre("NewMessage", "NewMessage", "TypingStatus"));
  EXPECT_EQ(types(alice, chat).status, 204);
  EXPECT_EQ(next_typing(of_bob).at("is_typing"), true);
}

TEST_F(TypingInAChat, EndsByItself) {
  auto of_bob = subscribes(bob, here);
  EXPECT_EQ(types(alice, chat).status, 204);
  const auto expires_at =
      parse_rfc3339(next_typing(of_bob).at("expires_at").get<std::string>()).value();
  EXPECT_EQ(next_typing(of_bob).at("is_typing"), false);
  EXPECT_GE(now(), expires_at - std::chrono::seconds{1});
}

TEST_F(TypingInAChat, EndsByLeaving) {
  const auto room = alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "room");
  auto of_bob = subscribes(bob, here);
  EXPECT_EQ(types(carol, room).status, 204);
  EXPECT_EQ(next_typing(of_bob).at("is_typing"), true);
  EXPECT_EQ(carol.post(fmt::format("/api/chat/{}/leave", room), json::object()).status, 204);
  const auto end = next_typing(of_bob);
  EXPECT_EQ(end.at("user_id"), carol.id());
  EXPECT_EQ(end.at("is_typing"), false);
  EXPECT_EQ(types(carol, room).status, 404);
}

TEST_F(TypingInAChat, AboveTheMemberLimitItReachesNoMember) {
  const auto crowd = alice.makes_chat("PrivateChannel", {bob.id(), carol.id(), dave.id()}, "many");
  auto of_bob = subscribes(bob, here);
  EXPECT_EQ(types(alice, crowd).status, 204);
  EXPECT_EQ(types(alice, chat).status, 204);
  EXPECT_EQ(next_typing(of_bob).at("chat_id"), chat);
}

TEST_F(TypingInAChat, IsNotReplayed) {
  SseStream of_bob{here.port(), "/events", bob.bearer()};
  const auto caught_up = of_bob.next("CaughtUp");
  ASSERT_TRUE(caught_up);
  auto of_alice = subscribes(alice, other);
  EXPECT_EQ(types(alice, chat).status, 204);
  next_typing(of_bob);
  carol.posts(chat, "durable");
  ASSERT_TRUE(of_alice.next("NewMessage"));  // the other instance has it to replay
  SseStream back{
      other.port(),
      "/events",
      {{"Authorization", bob.bearer().at("Authorization")}, {"Last-Event-ID", caught_up->id}}};
  EXPECT_THAT(names_until(back, "CaughtUp"), ElementsAre("NewMessage", "CaughtUp"));
}

TEST_F(TypingInAChat, OutsidersAndMalformedBodiesAreRefused) {
  EXPECT_EQ(types(dave, chat).status, 404);
  EXPECT_EQ(types(alice, 99).status, 404);
  for (const json& body : {json("yes"), json(1), json(nullptr)}) {
    EXPECT_EQ(types(alice, chat, body).status, 422) << body;
  }
}

TEST_F(TypingInAChat, OlderNamesDoTheSame) {
  auto of_bob = subscribes(bob, here);
  const auto in_path = fmt::format("/api/chat/{}/typing/", chat);
  for (const auto& path : {std::string{"/api/realtime/typing/"}, in_path}) {
    const auto body = path == in_path ? json::object() : json{{"chat_id", chat}};
    for (const bool starts : {true, false}) {
      const auto reply = described_request(
          system.server.port(),
          {"fechatter_server", "POST", path + (starts ? "start" : "stop"), body}, alice.bearer());
      EXPECT_EQ(reply.status, 204) << reply.body;
      EXPECT_EQ(reply.header("deprecation"), "true");
      EXPECT_EQ(next_typing(of_bob).at("is_typing"), starts);
    }
  }
  const auto said = described_request(
      system.server.port(),
      {"fechatter_server", "POST", "/api/realtime/presence", json{{"status", "away"}}},
      alice.bearer());
  EXPECT_EQ(said.status, 204);
}

}  // namespace
}  // namespace fechatter::test
