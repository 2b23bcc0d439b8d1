#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

std::string encoded(const std::string& text) {
  std::string escaped;
  for (const unsigned char c : text) escaped += fmt::format("%{:02X}", c);
  return escaped;
}

class Reactions : public testing::Test {
 protected:
  explicit Reactions(SystemOptions options = {}) : system{std::move(options)} {}

  std::string path(const json& message, const std::string& rest = {}) const {
    return fmt::format("/api/chat/{}/messages/{}{}", chat, message.at("id").get<std::int64_t>(),
                       rest);
  }
  Reply send(const Person& person, const std::string& method, const json& message,
             const std::string& emoji) const {
    return system.send(method, path(message, "/reactions/" + encoded(emoji)), std::nullopt,
                       person.bearer());
  }
  json reacts(const Person& person, const json& message, const std::string& emoji) const {
    const auto reply = send(person, "PUT", message, emoji);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  json reactions_for(const Person& person, const json& message) const {
    return person.get(path(message)).json().at("reactions");
  }
  std::int64_t events(const std::string& type) {
    return system.database->number("SELECT count(*) FROM outbox WHERE type = '" + type + "'");
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  json sent = alice.posts(chat, "hello");
};

TEST_F(Reactions, AreReturnedListedAndDelivered) {
  auto alices = alice.subscribes();
  const auto answer = reacts(bob, sent, "👍");
  const json mine{{{"emoji", "👍"}, {"count", 1}, {"me", true}, {"user_ids", {bob.id()}}}};
  EXPECT_EQ(answer.at("reactions"), mine);
  EXPECT_EQ(answer.at("content"), "hello");
  auto hers = mine;
  hers[0]["me"] = false;
  EXPECT_EQ(reactions_for(alice, sent), hers);
  const auto list = alice.get(fmt::format("/api/chat/{}/messages", chat)).json();
  EXPECT_EQ(list[0].at("reactions"), hers);
  const auto event = alices.next("ReactionAdded");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("message_id"), sent.at("id"));
  EXPECT_EQ(event->data.at("seq"), 1);
  EXPECT_EQ(event->data.at("user_id"), bob.id());
  EXPECT_EQ(event->data.at("emoji"), "👍");
  EXPECT_THAT(send(bob, "DELETE", sent, "👍").json().at("reactions"), IsEmpty());
  const auto removed = alices.next("ReactionRemoved");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->data.at("emoji"), "👍");
}

TEST_F(Reactions, KeepTheOrderOfKindsAndUsers) {
  reacts(carol, sent, "🎉");
  reacts(carol, sent, "👍");
  reacts(bob, sent, "👍");
  send(carol, "DELETE", sent, "👍");
  const auto answer = reacts(carol, sent, "👍").at("reactions");
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[0].at("emoji"), "🎉");
  EXPECT_EQ(answer[1].at("user_ids"), (json{bob.id(), carol.id()}));
}

TEST_F(Reactions, ThatAreThereOrGoneAlreadyChangeNothing) {
  const auto first = reacts(bob, sent, "👍");
  EXPECT_EQ(reacts(bob, sent, "👍"), first);
  EXPECT_EQ(send(bob, "DELETE", sent, "👍").status, 200);
  EXPECT_EQ(send(bob, "DELETE", sent, "👍").status, 200);
  EXPECT_EQ(send(carol, "DELETE", sent, "🎉").status, 200);
  EXPECT_EQ(events("ReactionAdded"), 1);
  EXPECT_EQ(events("ReactionRemoved"), 1);
}

TEST_F(Reactions, InTwoSpellingsAreOne) {
  reacts(bob, sent, "❤");
  const auto answer = reacts(bob, sent, "❤️").at("reactions");
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer[0].at("emoji"), "❤️");
  EXPECT_EQ(answer[0].at("count"), 1);
}

TEST_F(Reactions, HaveAnOlderName) {
  const auto reply = bob.post(path(sent, "/reactions"), {{"emoji", "#️⃣"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("deprecation"), "true");
  EXPECT_EQ(reply.json().at("reactions")[0].at("emoji"), "#️⃣");
  EXPECT_EQ(bob.post(path(sent, "/reactions"), json::object()).status, 422);
}

TEST_F(Reactions, ThatAreNoEmojiAreRefused) {
  for (const std::string text : {"a", ":+1:", "👍👍", "%"}) {
    const auto reply = send(bob, "PUT", sent, text);
    EXPECT_EQ(reply.status, 422) << text;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), "emoji");
  }
  EXPECT_THAT(reactions_for(bob, sent), IsEmpty());
}

TEST_F(Reactions, HaveFiftyKinds) {
  const auto emoji = [](int i) { return fmt::format("\xF0\x9F\x98{}", char(0x80 + i)); };
  for (int i = 0; i < 50; ++i) reacts(bob, sent, emoji(i));
  const auto reply = send(carol, "PUT", sent, "👍");
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_EQ(reply.json().at("errors")[0].at("field"), "emoji");
  EXPECT_EQ(reacts(carol, sent, emoji(7)).at("reactions").size(), 50U);
}

TEST_F(Reactions, EndWithTheirMessage) {
  reacts(bob, sent, "👍");
  ASSERT_EQ(alice.remove(path(sent)).status, 204);
  EXPECT_THAT(reactions_for(bob, sent), IsEmpty());
  EXPECT_EQ(send(bob, "PUT", sent, "🎉").json().at("code"), "message.deleted");
  EXPECT_EQ(send(bob, "DELETE", sent, "👍").status, 200);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM reactions"), 0);
  EXPECT_EQ(events("ReactionRemoved"), 0);
}

// A client that was away may meet the message there first.
TEST_F(Reactions, AreInTheEventOfAnEdit) {
  reacts(bob, sent, "👍");
  auto carols = carol.subscribes();
  ASSERT_EQ(alice.patch(path(sent), {{"content", "hello again"}}).status, 200);
  const auto event = carols.next("MessageUpdated");
  ASSERT_TRUE(event);
  const json shown{{{"emoji", "👍"}, {"count", 1}, {"user_ids", {bob.id()}}}};
  EXPECT_EQ(event->data.at("reactions"), shown);
}

TEST_F(Reactions, AreInTheAnswerToARepeatedRequest) {
  const json draft{{"content", "x"}, {"idempotency_key", "0f8fad5b-d9cb-469f-a165-70867728950e"}};
  const auto message = alice.tries_to_post(chat, draft).json();
  reacts(alice, message, "👍");
  const auto again = alice.tries_to_post(chat, draft).json();
  EXPECT_EQ(again.at("reactions")[0].at("me"), true);
}

// Three members are too many here.
class ReactionsInALargeChat : public Reactions {
 protected:
  ReactionsInALargeChat() : Reactions{with_a_low_limit()} {}
  static SystemOptions with_a_low_limit() {
    SystemOptions options;
    options.server = {{"FECHATTER_EVENTS__FAN_OUT_MEMBER_LIMIT", "2"}};
    return options;
  }
};

TEST_F(ReactionsInALargeChat, AreCountedForTheMembers) {
  auto alices = alice.subscribes();
  auto bobs = bob.subscribes();
  for (const auto* emoji : {"👍", "🎉", "😀"}) reacts(bob, sent, emoji);
  reacts(carol, sent, "👍");
  const json counts{{{"emoji", "👍"}, {"count", 2}},
                    {{"emoji", "🎉"}, {"count", 1}},
                    {{"emoji", "😀"}, {"count", 1}}};
  std::vector<std::string> names;
  while (const auto event = alices.next()) {
    names.push_back(event->name);
    if (event->name == "ReactionsCounted" && event->data.at("reactions") == counts) break;
  }
  EXPECT_THAT(names, testing::Each("ReactionsCounted"));
  // The sessions of the user learn which reactions are its own.
  for (const auto* emoji : {"👍", "🎉", "😀"}) {
    const auto event = bobs.next("ReactionAdded");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->data.at("emoji"), emoji);
    EXPECT_EQ(event->data.at("user_id"), bob.id());
  }
}

TEST_F(ReactionsInALargeChat, ThatAreAllGoneAreCountedAsNone) {
  auto alices = alice.subscribes();
  reacts(bob, sent, "👍");
  ASSERT_TRUE(alices.next("ReactionsCounted"));
  ASSERT_EQ(send(bob, "DELETE", sent, "👍").status, 200);
  const auto event = alices.next("ReactionsCounted");
  ASSERT_TRUE(event);
  EXPECT_THAT(event->data.at("reactions"), IsEmpty());
}

}  // namespace
}  // namespace fechatter::test
