#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/system.hpp"

// Coming back after longer than an instance remembers by itself: its ring holds two events.
namespace fechatter::test {
namespace {

using testing::ElementsAre;

class AwayForLong : public testing::Test {
 protected:
  static SystemOptions with_a_small_ring() {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__RING_EVENTS", "2"}};
    return options;
  }
  // Bob's position now.
  std::string bob_leaves() {
    const auto cursor = alice_hears(alice.posts(chat, "before"));
    return cursor;
  }
  // The position of what alice's stream says of that message.
  std::string alice_hears(const nlohmann::json& message) {
    while (const auto event = observer.next("NewMessage")) {
      if (event->data.at("id") == message.at("id")) return event->id;
    }
    return {};
  }
  // What bob is told from there on, up to CaughtUp: the names, with the text of messages.
  std::vector<std::string> bob_comes_back(const std::string& cursor) {
    auto session = bob.listens(cursor);
    std::vector<std::string> told;
    while (const auto event = session.next()) {
      told.push_back(
          event->data.contains("content")
              ? fmt::format("{} {}", event->name, event->data.at("content").get<std::string>())
              : event->name);
      if (event->name == "CaughtUp") break;
    }
    return told;
  }
  void talk(int messages) {
    nlohmann::json last;
    for (int i = 1; i <= messages; ++i) last = alice.posts(chat, std::to_string(i));
    alice_hears(last);
  }

  System system{with_a_small_ring()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  SseStream observer = alice.listens();
};

TEST_F(AwayForLong, EverythingMissedComesOnceAndInOrder) {
  const auto cursor = bob_leaves();
  talk(2500);  // more than one slice of the stream
  const auto told = bob_comes_back(cursor);
  ASSERT_EQ(told.size(), 2501U);
  for (int i = 1; i <= 2500; ++i) {
    EXPECT_EQ(told[static_cast<std::size_t>(i) - 1], fmt::format("NewMessage {}", i));
  }
}

TEST_F(AwayForLong, EditsDeletionsAndNewMembersAreTold) {
  const auto dave = system.signs_up("dave");
  const auto cursor = bob_leaves();
  const auto first = alice.posts(chat, "first");
  const auto message = fmt::format("/api/chat/{}/messages/{}", chat, first.at("id").get<int>());
  EXPECT_EQ(alice.patch(message, {{"content", "edited"}}).status, 200);
  EXPECT_EQ(alice.remove(message).status, 204);
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {dave.id()}).status, 201);
  talk(3);
  EXPECT_THAT(
      bob_comes_back(cursor),
      ElementsAre("NewMessage first", "MessageUpdated edited", "MessageDeleted", "UserJoinedChat",
                  "NewMessage 1", "NewMessage 2", "NewMessage 3", "CaughtUp"));
}

TEST_F(AwayForLong, WhoeverWasRemovedHearsOfThatAndOfNoMessage) {
  const auto dave = system.signs_up("dave");
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {dave.id()}).status, 201);
  const auto cursor = bob_leaves();
  alice.posts(chat, "said while bob was a member");
  const nlohmann::json members{{"members", nlohmann::json::array({bob.id()})}};
  EXPECT_EQ(alice.remove(fmt::format("/api/chat/{}/members", chat), members).status, 204);
  talk(3);
  EXPECT_THAT(bob_comes_back(cursor), ElementsAre("UserLeftChat", "CaughtUp"));
}

TEST_F(AwayForLong, AChatThatWasDeletedMeanwhileIsTold) {
  const auto other = alice.makes_chat("Single", {bob.id()}, "");
  const auto cursor = bob_leaves();
  EXPECT_EQ(alice.remove(fmt::format("/api/chat/{}", other)).status, 204);
  talk(3);
  EXPECT_THAT(bob_comes_back(cursor), ElementsAre("ChatDeleted", "NewMessage 1", "NewMessage 2",
                                                  "NewMessage 3", "CaughtUp"));
}

TEST_F(AwayForLong, WhatTheStreamDoesNotHoldEitherIsOneReset) {
  const auto cursor = bob_leaves();
  talk(3);
  nats::Connection connection{{system.nats.url(), "test"}};
  nats::JetStream stream{connection};
  stream.purge(stream.find_state()->last_seq);
  EXPECT_THAT(bob_comes_back(cursor), ElementsAre("Reset", "CaughtUp"));
}

}  // namespace
}  // namespace fechatter::test
