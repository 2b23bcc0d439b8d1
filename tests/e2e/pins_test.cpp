#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class KeptMessages : public testing::Test {
 protected:
  std::int64_t posts(const std::string& text) { return alice.posts(chat, text).at("id"); }
  Reply put(const Person& person, const std::string& target) const {
    return system.send("PUT", target, std::nullopt, person.bearer());
  }
  std::string pin(std::int64_t message) const {
    return fmt::format("/api/chat/{}/pins/{}", chat, message);
  }
  std::string saved(std::int64_t message) const { return fmt::format("/api/saved/{}", message); }
  std::string path(std::int64_t message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message);
  }
  static std::vector<std::string> texts(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> found;
    const auto list = reply.json();
    for (const auto& message : list) found.push_back(message.at("content"));
    return found;
  }
  std::vector<std::string> pins_for(const Person& person) const {
    return texts(person.get(fmt::format("/api/chat/{}/pins", chat)));
  }
  std::vector<std::string> saved_by(const Person& person) const {
    return texts(person.get("/api/saved"));
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()});
};

using Pins = KeptMessages;
using SavedMessages = KeptMessages;

TEST_F(Pins, AreShownListedAndDelivered) {
  const auto first = posts("first");
  const auto second = posts("second");
  auto bobs = bob.subscribes();
  EXPECT_EQ(put(bob, pin(second)).status, 204);
  EXPECT_EQ(put(alice, pin(first)).status, 204);
  EXPECT_THAT(pins_for(bob), ElementsAre("first", "second"));
  EXPECT_EQ(bob.get(path(first)).json().at("pinned"), true);
  const auto event = bobs.next("MessagePinned");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("message_id"), second);
  EXPECT_EQ(event->data.at("user_id"), bob.id());
  EXPECT_EQ(alice.remove(pin(second)).status, 204);
  EXPECT_THAT(pins_for(bob), ElementsAre("first"));
  EXPECT_EQ(bob.get(path(second)).json().at("pinned"), false);
  const auto unpinned = bobs.next("MessageUnpinned");
  ASSERT_TRUE(unpinned);
  EXPECT_EQ(unpinned->data.at("message_id"), second);
  EXPECT_EQ(unpinned->data.at("user_id"), alice.id());
}

TEST_F(Pins, ThatAreThereOrGoneAlreadyChangeNothing) {
  const auto message = posts("a message");
  EXPECT_EQ(alice.remove(pin(message)).status, 204);
  EXPECT_EQ(put(alice, pin(message)).status, 204);
  EXPECT_EQ(put(bob, pin(message)).status, 204);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type ~ 'ned$'"), 1);
}

TEST_F(Pins, AreFifty) {
  for (int i = 0; i < 50; ++i) ASSERT_EQ(put(alice, pin(posts("a message"))).status, 204);
  const auto reply = put(alice, pin(posts("one more")));
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_EQ(reply.json().at("errors")[0].at("field"), "message_id");
  EXPECT_EQ(pins_for(bob).size(), 50U);
}

TEST_F(Pins, ArePagedByACursor) {
  for (const auto* text : {"1", "2", "3"}) put(alice, pin(posts(text)));
  const auto target = fmt::format("/api/chat/{}/pins?limit=2", chat);
  const auto page = bob.get(target);
  EXPECT_THAT(texts(page), ElementsAre("3", "2"));
  const auto rest = bob.get(target + "&cursor=" + page.header("x-next-cursor"));
  EXPECT_THAT(texts(rest), ElementsAre("1"));
  EXPECT_EQ(rest.header("x-next-cursor"), "");
  EXPECT_EQ(bob.get(target + "&cursor=x").status, 422);
}

TEST_F(Pins, AreSetByAdminsOnlyWhereTheChatSaysSo) {
  const auto message = posts("a message");
  system.database->query("UPDATE chats SET who_may_pin = 'admins'");
  EXPECT_EQ(put(bob, pin(message)).status, 403);
  EXPECT_EQ(put(alice, pin(message)).status, 204);
  EXPECT_EQ(bob.remove(pin(message)).status, 403);
  EXPECT_THAT(pins_for(bob), ElementsAre("a message"));
}

TEST_F(Pins, EndWithTheirMessage) {
  const auto message = posts("a message");
  put(alice, pin(message));
  ASSERT_EQ(alice.remove(path(message)).status, 204);
  EXPECT_THAT(pins_for(bob), IsEmpty());
  EXPECT_EQ(put(alice, pin(message)).json().at("code"), "message.deleted");
  EXPECT_EQ(alice.remove(pin(message)).status, 204);
}

TEST_F(SavedMessages, AreTheUsersOwn) {
  const auto first = posts("first");
  const auto second = posts("second");
  EXPECT_EQ(put(bob, saved(second)).status, 204);
  EXPECT_EQ(put(bob, saved(first)).status, 204);
  EXPECT_EQ(put(bob, saved(first)).status, 204);
  EXPECT_THAT(saved_by(bob), ElementsAre("first", "second"));
  EXPECT_TRUE(bob.get("/api/saved").json()[0].at("saved_at").is_string());
  EXPECT_THAT(saved_by(alice), IsEmpty());
  EXPECT_EQ(bob.remove(saved(first)).status, 204);
  EXPECT_EQ(bob.remove(saved(first)).status, 204);
  EXPECT_THAT(saved_by(bob), ElementsAre("second"));
  EXPECT_EQ(bob.remove(saved(99'999)).json().at("code"), "message.not_found");
}

TEST_F(SavedMessages, EndWithTheMembership) {
  const auto first = posts("first");
  put(bob, saved(first));
  const auto members = fmt::format("/api/chat/{}/members", chat);
  ASSERT_EQ(alice.remove(members, json{bob.id()}).status, 204);
  EXPECT_THAT(saved_by(bob), IsEmpty());
  EXPECT_EQ(put(bob, saved(first)).status, 404);
  EXPECT_EQ(bob.remove(saved(first)).status, 404);
  ASSERT_EQ(alice.post(members, json{bob.id()}).status, 201);
  EXPECT_THAT(saved_by(bob), IsEmpty());
}

TEST_F(SavedMessages, AreErasedWithTheMessage) {
  const auto message = posts("a message");
  put(bob, saved(message));
  ASSERT_EQ(alice.remove(path(message)).status, 204);
  EXPECT_THAT(saved_by(bob), IsEmpty());
  EXPECT_EQ(system.database->number("SELECT count(*) FROM saved_messages"), 0);
  EXPECT_EQ(put(bob, saved(message)).json().at("code"), "message.deleted");
}

TEST_F(SavedMessages, AreAThousand) {
  const auto message = posts("one more");
  system.database->query(fmt::format(
      "WITH made AS (INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
      " SELECT m.workspace_id, m.chat_id, m.sender_id, 1 + i, 'x'"
      " FROM messages m, generate_series(1, 1000) i RETURNING id, chat_id, workspace_id)"
      " INSERT INTO saved_messages (user_id, message_id, chat_id, workspace_id)"
      " SELECT {}, id, chat_id, workspace_id FROM made",
      bob.id()));
  const auto reply = put(bob, saved(message));
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_EQ(reply.json().at("errors")[0].at("field"), "message_id");
  EXPECT_EQ(put(alice, saved(message)).status, 204);
}

}  // namespace
}  // namespace fechatter::test
