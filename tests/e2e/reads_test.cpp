#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/e2e/next_name.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// A group of alice, bob and carol, and an outsider.
class Reads : public testing::Test {
 protected:
  static std::string path(std::int64_t chat, const std::string& rest) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  json reads(const Person& person, const json& target) const {
    const auto reply = person.post(path(chat, "/read"), target);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  json marks_unread(const Person& person, const json& message) const {
    const auto reply = person.post(path(chat, "/unread"), {{"message_id", message.at("id")}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  // The member's numbers in the chat, which the list of chats has as well.
  json counts(const Person& person) const {
    const auto body = person.get("/api/unread-counts").json();
    EXPECT_EQ(body.at("success"), true);
    EXPECT_EQ(body.at("data").size(), 1U);
    const auto listed = person.get("/api/chat").json().at(0);
    for (const auto* name : {"unread_count", "mention_count", "last_read_seq"}) {
      EXPECT_EQ(listed.at(name), body.at("data").at(0).at(name)) << name;
    }
    return body.at("data").at(0);
  }
  // The field of a refused read, which must change nothing.
  std::string refused_field(const json& target) const {
    const auto before = counts(bob);
    const auto reply = bob.post(path(chat, "/read"), target);
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(counts(bob), before);
    return reply.json().at("errors").at(0).at("field");
  }
  std::vector<json> post(const Person& person, int count) const {
    std::vector<json> messages;
    for (int i = 0; i < count; ++i) messages.push_back(person.posts(chat, fmt::format("{}", i)));
    return messages;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
};

TEST_F(Reads, TheNumberMovesForwardOnly) {
  const auto messages = post(alice, 5);
  EXPECT_EQ(counts(bob).at("unread_count"), 5);
  EXPECT_EQ(
      reads(bob, {{"message_id", messages[2].at("id")}}),
      (json{{"chat_id", chat}, {"last_read_seq", 3}, {"unread_count", 2}, {"mention_count", 0}}));
  EXPECT_EQ(reads(bob, {{"seq", 1}}).at("last_read_seq"), 3);
  EXPECT_EQ(reads(bob, {{"seq", 5}}).at("unread_count"), 0);
  EXPECT_EQ(counts(bob).at("last_read_seq"), 5);
  EXPECT_EQ(counts(carol).at("unread_count"), 5);
}

TEST_F(Reads, ASenderHasReadTheChat) {
  post(alice, 3);
  bob.posts(chat, "here");
  EXPECT_EQ(counts(bob).at("unread_count"), 0);
}

TEST_F(Reads, OwnMessagesAndTombstonesAreNotUnread) {
  const auto first = post(alice, 2);
  post(bob, 3);
  const auto second = post(alice, 4);
  const auto own = bob.posts(chat, "own");
  EXPECT_EQ(marks_unread(bob, first[1]).at("unread_count"), 1 + 4);
  EXPECT_EQ(counts(bob).at("last_read_seq"), 1);
  ASSERT_EQ(alice.remove(path(chat, fmt::format("/messages/{}", second[3].at("id").dump()))).status,
            204);
  ASSERT_EQ(bob.remove(path(chat, fmt::format("/messages/{}", own.at("id").dump()))).status, 204);
  EXPECT_EQ(counts(bob).at("unread_count"), 1 + 3);
  EXPECT_EQ(reads(bob, {{"message_id", second[0].at("id")}}).at("unread_count"), 2);
  EXPECT_EQ(reads(bob, {{"message_id", own.at("id")}}).at("unread_count"), 0);
}

// A page of the exclusions has 4,096 messages.
TEST_F(Reads, TombstonesCountAcrossPages) {
  system.database->query(fmt::format(
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
      " SELECT workspace_id, id, {}, s, 'x' FROM chats, generate_series(1, 9000) s WHERE id = {};"
      "UPDATE chats SET last_seq = 9000 WHERE id = {}",
      alice.id(), chat, chat));
  for (const int seq : {1, 4095, 4096, 4097, 8191, 8192, 9000}) {
    EXPECT_EQ(system.database
                  ->query(fmt::format(
                      "SELECT delete_message(workspace_id, sender_id, chat_id, id) FROM messages"
                      " WHERE chat_id = {} AND seq = {}",
                      chat, seq))[0][0]
                  .as<std::string>(),
              "done");
  }
  EXPECT_EQ(counts(bob).at("unread_count"), 9000 - 7);
  EXPECT_EQ(reads(bob, {{"seq", 4094}}).at("unread_count"), 9000 - 4094 - 6);
  EXPECT_EQ(reads(bob, {{"seq", 4095}}).at("unread_count"), 9000 - 4095 - 5);
  EXPECT_EQ(reads(bob, {{"seq", 4096}}).at("unread_count"), 9000 - 4096 - 4);
  EXPECT_EQ(reads(bob, {{"seq", 8192}}).at("unread_count"), 9000 - 8192 - 1);
  EXPECT_EQ(reads(bob, {{"seq", 9000}}).at("unread_count"), 0);
}

TEST_F(Reads, ATargetThatIsNoneOfTheChatIsRefused) {
  post(alice, 2);
  const auto elsewhere = alice.posts(alice.makes_chat("PrivateChannel", {}, "other"), "there");
  EXPECT_EQ(refused_field({{"seq", 3}}), "seq");
  EXPECT_EQ(refused_field({{"seq", -1}}), "seq");
  EXPECT_EQ(refused_field({{"seq", "2"}}), "seq");
  EXPECT_EQ(refused_field({{"message_id", elsewhere.at("id")}}), "message_id");
  EXPECT_EQ(refused_field(json::object()), "message_id");
  EXPECT_EQ(refused_field({{"seq", 1}, {"message_id", 1}}), "seq");
  EXPECT_EQ(bob.post(path(chat, "/unread"), {{"message_id", elsewhere.at("id")}}).status, 422);
}

TEST_F(Reads, TheReadersOtherSessionsGetADurableEventAndOthersAnEphemeralOne) {
  const auto message = alice.posts(chat, "hello");
  auto laptop = bob.subscribes();
  auto others = alice.subscribes();
  reads(bob, {{"message_id", message.at("id")}});
  const auto own = laptop.next("MessageRead");
  const auto seen = others.next("MessageRead");
  ASSERT_TRUE(own && seen);
  EXPECT_NE(own->id, "");
  EXPECT_EQ(seen->id, "");
  EXPECT_EQ(seen->data, own->data);
  EXPECT_EQ(own->data.at("chat_id"), chat);
  EXPECT_EQ(own->data.at("user_id"), bob.id());
  EXPECT_EQ(own->data.at("message_id"), message.at("id"));
  EXPECT_EQ(own->data.at("seq"), 1);
  EXPECT_TRUE(own->data.at("read_at").is_string());
}

TEST_F(Reads, AMissedEventIsReplayedToTheReaderAlone) {
  auto laptop = bob.subscribes();
  auto others = alice.subscribes();
  const auto first = alice.posts(chat, "hello");
  const auto cursor = laptop.next("NewMessage")->id;
  laptop.close();
  ASSERT_TRUE(others.next("NewMessage"));
  reads(bob, {{"seq", 1}});
  alice.posts(chat, "the end");
  ASSERT_TRUE(others.next("NewMessage"));
  others.close();
  auto bobs = bob.subscribes(cursor);
  EXPECT_EQ(next_name(bobs), "MessageRead");
  EXPECT_EQ(next_name(bobs), "NewMessage");
  auto alices = alice.subscribes(cursor);
  EXPECT_EQ(next_name(alices), "NewMessage");
}

TEST_F(Reads, TheLastOfASeriesComesWithinTwoSecondsAndNotEachOne) {
  post(alice, 20);
  auto laptop = bob.subscribes();
  for (int seq = 1; seq <= 20; ++seq) reads(bob, {{"seq", seq}});
  int events = 0;
  std::int64_t seq = 0;
  while (seq < 20) {
    const auto event = laptop.next("MessageRead", 2s);
    ASSERT_TRUE(event) << seq;
    ++events;
    seq = event->data.at("seq");
  }
  EXPECT_LT(events, 10);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM due_read_events"), 0);
}

TEST_F(Reads, MarkingAsUnreadGoesToTheOwnSessionsOnly) {
  const auto messages = post(alice, 3);
  reads(bob, {{"seq", 3}});
  auto laptop = bob.subscribes();
  auto others = alice.subscribes();
  marks_unread(bob, messages[1]);
  const auto event = laptop.next("MessageRead");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("seq"), 1);
  EXPECT_EQ(event->data.at("message_id"), messages[0].at("id"));
  alice.posts(chat, "the end");
  EXPECT_EQ(next_name(others), "NewMessage");
}

TEST_F(Reads, AboveTheMemberLimitOnlyTheReaderGetsIt) {
  system.database->query(fmt::format("UPDATE chats SET member_count = 201 WHERE id = {}", chat));
  post(alice, 1);
  auto laptop = bob.subscribes();
  auto others = alice.subscribes();
  reads(bob, {{"seq", 1}});
  EXPECT_TRUE(laptop.next("MessageRead"));
  alice.posts(chat, "the end");
  EXPECT_EQ(next_name(others), "NewMessage");
}

TEST_F(Reads, AWorkspaceCanHideReadReceipts) {
  system.database->query("UPDATE workspaces SET read_receipts = false");
  post(alice, 1);
  auto laptop = bob.subscribes();
  auto others = alice.subscribes();
  reads(bob, {{"seq", 1}});
  EXPECT_TRUE(laptop.next("MessageRead"));
  alice.posts(chat, "the end");
  EXPECT_EQ(next_name(others), "NewMessage");
}

TEST_F(Reads, TheOlderPathsNameTheMessage) {
  const auto messages = post(alice, 2);
  const auto of = [&](const std::string& prefix, const json& message) {
    return bob.post(fmt::format("{}/{}/messages/{}/read", prefix, chat, message.at("id").dump()),
                    json::object());
  };
  const auto first = of("/api/chat", messages[0]);
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json().at("last_read_seq"), 1);
  EXPECT_EQ(first.header("deprecation"), "true");
  EXPECT_EQ(of("/api/realtime/chat", messages[1]).json().at("last_read_seq"), 2);
}

// A reader of a chat that is being written to waits for no writer.
TEST_F(Reads, ReadingWaitsForNoLockOfTheChat) {
  post(alice, 1);
  postgres::Connection holder{system.database->owner_url()};
  holder.run_script("BEGIN");
  holder.run_script(fmt::format("SELECT id FROM chats WHERE id = {} FOR NO KEY UPDATE", chat));
  EXPECT_EQ(reads(bob, {{"seq", 1}}).at("unread_count"), 0);
  holder.run_script("ROLLBACK");
}

}  // namespace
}  // namespace fechatter::test
