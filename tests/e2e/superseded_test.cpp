#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// What was deleted or edited away is looked for in replays: out of the ring, and from the stream.
namespace fechatter::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The parameter: the size of the ring, in events.
class SupersededText : public testing::TestWithParam<const char*> {
 protected:
  static SystemOptions with_a_ring() {
    SystemOptions options;
    options.notify = {{"FECHATTER_EVENTS__RING_EVENTS", GetParam()}};
    return options;
  }
  std::string path_of(const nlohmann::json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<std::int64_t>());
  }
  // The id of the next frame of that name on bob's stream.
  std::string next_id(const std::string& name) {
    const auto event = observer.next(name);
    return event ? event->id : "none";
  }
  // alice deletes one message and edits another one twice; then three messages follow.
  void delete_and_edit() {
    old_cursor = next_id_of(alice.posts(chat, "before"));
    const auto deleted = alice.posts(chat, "canary of the deleted message");
    const auto edited = alice.posts(chat, "canary of the first text");
    cursor_between = next_id_of(edited);
    EXPECT_EQ(alice.remove(path_of(deleted)).status, 204);
    EXPECT_EQ(alice.patch(path_of(edited), {{"content", "canary of the second text"}}).status, 200);
    EXPECT_EQ(alice.patch(path_of(edited), {{"content", "the last text"}}).status, 200);
    for (const auto* text : {"one", "two", "three"}) next_id_of(alice.posts(chat, text));
  }
  // The names and texts of a replay, up to CaughtUp.
  static std::vector<std::string> replay(const Person& person, const std::string& cursor) {
    auto session = person.subscribes(cursor);
    std::vector<std::string> replayed;
    while (const auto event = session.next()) {
      replayed.push_back(fmt::format("{} {}", event->name, event->data.value("content", "")));
      EXPECT_THAT(event->data.dump(), Not(HasSubstr("canary"))) << "from " << cursor;
      if (event->name == "CaughtUp") break;
    }
    return replayed;
  }
  static auto the_present_state() {
    return ElementsAre("NewMessage before", "MessageDeleted ", "MessageUpdated the last text",
                       "NewMessage one", "NewMessage two", "NewMessage three", "CaughtUp ");
  }

  System system{with_a_ring()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "room");
  SseStream observer = bob.subscribes();
  std::string old_cursor;
  std::string cursor_between;

 private:
  std::string next_id_of(const nlohmann::json& message) {
    while (const auto event = observer.next("NewMessage")) {
      if (event->data.at("id") == message.at("id")) return event->id;
    }
    return "none";
  }
};

TEST_P(SupersededText, AnOldCursorGetsTheDeletionAndTheLastText) {
  delete_and_edit();
  EXPECT_THAT(replay(bob, old_cursor),
              ElementsAre("MessageDeleted ", "MessageUpdated the last text", "NewMessage one",
                          "NewMessage two", "NewMessage three", "CaughtUp "));
}

TEST_P(SupersededText, ACursorBetweenTheVersionsGetsTheLastOne) {
  delete_and_edit();
  EXPECT_THAT(replay(bob, cursor_between),
              ElementsAre("MessageDeleted ", "MessageUpdated the last text", "NewMessage one",
                          "NewMessage two", "NewMessage three", "CaughtUp "));
}

TEST_P(SupersededText, ANewMemberGetsTheWholeHistoryInItsPresentState) {
  delete_and_edit();
  const auto cleo = system.signs_up("cleo");
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {cleo.id()}).status, 201);
  ASSERT_NE(next_id("UserJoinedChat"), "none");
  auto replayed = replay(cleo, "1-1");
  // Of the group, its creation and the joining of cleo are replayed as well.
  std::erase_if(replayed, [](const std::string& line) {
    return !line.starts_with("NewMessage") && !line.starts_with("Message") && line != "CaughtUp ";
  });
  EXPECT_THAT(replayed, the_present_state());
}

// The ring is filled from the stream; no instance has seen what was superseded.
TEST_P(SupersededText, ARestartedInstanceReplaysThePresentState) {
  delete_and_edit();
  system.notify.stop();
  system.notify.start();
  EXPECT_THAT(replay(bob, old_cursor),
              ElementsAre("MessageDeleted ", "MessageUpdated the last text", "NewMessage one",
                          "NewMessage two", "NewMessage three", "CaughtUp "));
}

TEST_P(SupersededText, AnOpenStreamGetsEveryVersion) {
  const auto message = alice.posts(chat, "first");
  EXPECT_EQ(alice.patch(path_of(message), {{"content", "second"}}).status, 200);
  EXPECT_EQ(alice.remove(path_of(message)).status, 204);
  for (const auto* name : {"NewMessage", "MessageUpdated", "MessageDeleted"}) {
    EXPECT_NE(next_id(name), "none") << name;
  }
}

INSTANTIATE_TEST_SUITE_P(OutOfTheRing, SupersededText, testing::Values("50000"));
INSTANTIATE_TEST_SUITE_P(FromTheStream, SupersededText, testing::Values("2"));

}  // namespace
}  // namespace fechatter::test
