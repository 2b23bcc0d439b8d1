#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/system.hpp"

// Resuming from a cursor that the ring no longer covers: the ring holds two events.
namespace fechatter::test {
namespace {

using testing::ElementsAre;

class StreamReplay : public testing::Test {
 protected:
  static SystemOptions with_a_small_ring() {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__RING_EVENTS", "2"}};
    return options;
  }
  // The cursor of the newest event.
  std::string cursor_of_bob() { return await_event(alice.posts(chat, "before")); }
  // The cursor at which alice's stream delivers this message.
  std::string await_event(const nlohmann::json& message) {
    while (const auto event = observer.next("NewMessage")) {
      if (event->data.at("id") == message.at("id")) return event->id;
    }
    return {};
  }
  // Resumes as bob; the names of the replayed events up to CaughtUp, with the content of messages.
  std::vector<std::string> replay_from(const std::string& cursor) {
    auto session = bob.subscribes(cursor);
    std::vector<std::string> replayed;
    while (const auto event = session.next()) {
      replayed.push_back(
          event->data.contains("content")
              ? fmt::format("{} {}", event->name, event->data.at("content").get<std::string>())
              : event->name);
      if (event->name == "CaughtUp") break;
    }
    return replayed;
  }
  void talk(int messages) {
    nlohmann::json last;
    for (int i = 1; i <= messages; ++i) last = alice.posts(chat, std::to_string(i));
    await_event(last);
  }

  System system{with_a_small_ring()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  SseStream observer = alice.subscribes();
};

TEST_F(StreamReplay, MissedMessagesAreReplayedOnceAndInOrder) {
  const auto cursor = cursor_of_bob();
  talk(2500);  // more than one read of the stream
  const auto replayed = replay_from(cursor);
  ASSERT_EQ(replayed.size(), 2501U);
  for (int i = 1; i <= 2500; ++i) {
    EXPECT_EQ(replayed[static_cast<std::size_t>(i) - 1], fmt::format("NewMessage {}", i));
  }
}

TEST_F(StreamReplay, DeletionsAndNewMembersAreReplayedAndNoFormerText) {
  const auto dave = system.signs_up("dave");
  const auto cursor = cursor_of_bob();
  const auto first = alice.posts(chat, "first");
  const auto message = fmt::format("/api/chat/{}/messages/{}", chat, first.at("id").get<int>());
  EXPECT_EQ(alice.patch(message, {{"content", "edited"}}).status, 200);
  EXPECT_EQ(alice.remove(message).status, 204);
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {dave.id()}).status, 201);
  talk(3);
  EXPECT_THAT(replay_from(cursor), ElementsAre("MessageDeleted", "UserJoinedChat", "NewMessage 1",
                                               "NewMessage 2", "NewMessage 3", "CaughtUp"));
}

TEST_F(StreamReplay, ARemovedMemberGetsTheRemovalAndNoMessage) {
  const auto dave = system.signs_up("dave");
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {dave.id()}).status, 201);
  const auto cursor = cursor_of_bob();
  alice.posts(chat, "sent while bob was a member");
  const nlohmann::json members{{"members", nlohmann::json::array({bob.id()})}};
  EXPECT_EQ(alice.remove(fmt::format("/api/chat/{}/members", chat), members).status, 204);
  talk(3);
  EXPECT_THAT(replay_from(cursor), ElementsAre("UserLeftChat", "CaughtUp"));
}

TEST_F(StreamReplay, ADeletedChatIsReplayed) {
  const auto other = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  const auto cursor = cursor_of_bob();
  EXPECT_EQ(alice.remove(fmt::format("/api/chat/{}", other)).status, 204);
  talk(3);
  EXPECT_THAT(replay_from(cursor), ElementsAre("ChatDeleted", "NewMessage 1", "NewMessage 2",
                                               "NewMessage 3", "CaughtUp"));
}

TEST_F(StreamReplay, ACursorBeforeTheStreamTailGetsOneReset) {
  const auto cursor = cursor_of_bob();
  talk(3);
  nats::Connection connection{{system.nats.url(), "test"}};
  nats::JetStream stream{connection};
  stream.purge(stream.find_state()->last_seq);
  EXPECT_THAT(replay_from(cursor), ElementsAre("Reset", "CaughtUp"));
}

}  // namespace
}  // namespace fechatter::test
