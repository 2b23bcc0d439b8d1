#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// What REST says beside what events say: docs/events.md, "Versions and positions". tests/model
// compares both after random actions.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::MatchesRegex;

class Versions : public testing::Test {
 protected:
  std::string path(const std::string& rest) const {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  std::string path_of(const json& message, const std::string& rest = {}) const {
    return path(fmt::format("/messages/{}{}", message.at("id").get<std::int64_t>(), rest));
  }
  Reply put(const std::string& target) const {
    return system.send("PUT", target, std::nullopt, alice.bearer());
  }
  // The id of the next event of that name.
  std::int64_t next_id(const std::string& name) {
    const auto event = bobs.next(name);
    return event ? event->data.at("event_id").get<std::int64_t>() : 0;
  }
  std::int64_t version_of(const json& message) const {
    return bob.get(path_of(message)).json().at("version");
  }
  std::int64_t version_of_chat() const { return bob.get(path("")).json().at("version"); }
  std::string position_of(const std::string& target) const {
    return bob.get(target).header("x-event-position");
  }
  // The names of the events that bob's stream has from there on.
  std::vector<std::string> names_from(const std::string& cursor) const {
    auto stream = bob.subscribes(cursor);
    std::vector<std::string> names;
    while (const auto event = stream.next()) {
      names.push_back(event->name);
      if (event->name == "CaughtUp") break;
    }
    return names;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  SseStream bobs = bob.subscribes();
};

TEST_F(Versions, AMessageHasTheIdOfTheEventThatChangedItLast) {
  const auto message = alice.posts(chat, "hello");
  EXPECT_EQ(message.at("version"), next_id("NewMessage"));
  EXPECT_EQ(put(path_of(message, "/reactions/%F0%9F%91%8D")).status, 200);
  EXPECT_EQ(version_of(message), next_id("ReactionAdded"));
  EXPECT_EQ(put(path(fmt::format("/pins/{}", message.at("id").get<int>()))).status, 204);
  EXPECT_EQ(version_of(message), next_id("MessagePinned"));
  alice.tries_to_post(chat, {{"content", "a reply"}, {"reply_to", message.at("id")}});
  EXPECT_EQ(version_of(message), next_id("ThreadUpdated"));
  EXPECT_EQ(alice.patch(path_of(message), {{"content", "edited"}}).status, 200);
  const auto updated = bobs.next("MessageUpdated");
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->data.at("version"), updated->data.at("event_id"));
  EXPECT_EQ(version_of(message), updated->data.at("version"));
  EXPECT_EQ(alice.remove(path_of(message)).status, 204);
  EXPECT_EQ(version_of(message), next_id("MessageDeleted"));
}

TEST_F(Versions, AChatHasTheIdOfTheEventThatChangedItLast) {
  alice.posts(chat, "hello");
  EXPECT_EQ(version_of_chat(), next_id("NewMessage"));
  EXPECT_EQ(alice.patch(path(""), {{"name", "renamed"}}).status, 200);
  EXPECT_EQ(version_of_chat(), next_id("ChatUpdated"));
  EXPECT_EQ(alice.post(path("/archive"), json::object()).status, 200);
  EXPECT_EQ(version_of_chat(), next_id("ChatArchived"));
}

TEST_F(Versions, ANewMemberHasItselfInTheChatByNewChatAlready) {
  const auto dave = system.signs_up("dave");
  auto daves = dave.subscribes();
  EXPECT_EQ(alice.post(path("/members"), {dave.id()}).status, 201);
  const auto shown = daves.next("NewChat");
  const auto joined = daves.next("UserJoinedChat");
  ASSERT_TRUE(shown && joined);
  EXPECT_EQ(shown->data.at("member_count"), 4);
  EXPECT_EQ(shown->data.at("version"), joined->data.at("event_id"));
  EXPECT_EQ(version_of_chat(), joined->data.at("event_id"));
}

TEST_F(Versions, AListHoldsAllEventsUpToItsPosition) {
  alice.posts(chat, "one");
  next_id("NewMessage");
  for (const auto& list : {std::string{"/api/chat"}, path("/messages")}) {
    EXPECT_TRUE(eventually([&] {
      return names_from(position_of(list)) == std::vector<std::string>{"CaughtUp"};
    })) << list;
    const auto position = position_of(list);
    EXPECT_THAT(position, MatchesRegex("[0-9]+-[0-9]+-[0-9]+"));
    alice.posts(chat, "later");
    next_id("NewMessage");
    EXPECT_THAT(names_from(position), ElementsAre("NewMessage", "CaughtUp"));
  }
}

TEST_F(Versions, AListWithoutElementsHasAPosition) {
  const auto dave = system.signs_up("dave");
  const auto chats = dave.get("/api/chat");
  EXPECT_EQ(chats.json(), json::array());
  EXPECT_THAT(chats.header("x-event-position"), MatchesRegex("[0-9]+-[0-9]+-[0-9]+"));
  EXPECT_THAT(position_of(path("/messages")), MatchesRegex("[0-9]+-[0-9]+-[0-9]+"));
}

TEST_F(Versions, TheNumberOfAReaderHasTheIdOfTheEventThatMovedIt) {
  bob.posts(chat, "hello");
  const auto entry = [&] { return bob.get("/api/chat").json().at(0); };
  EXPECT_EQ(entry().at("read_version"), next_id("NewMessage"));
  alice.posts(chat, "hello, bob");
  EXPECT_EQ(bob.post(path("/read"), {{"seq", 2}}).status, 200);
  const auto read = bobs.next("MessageRead");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->data.at("last_seq"), 2);
  EXPECT_EQ(entry().at("read_version"), read->data.at("event_id"));
}

}  // namespace
}  // namespace fechatter::test
