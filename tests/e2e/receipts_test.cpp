#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/e2e/next_name.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::IsEmpty;

// A group of alice, who writes, bob and carol.
class Receipts : public testing::Test {
 protected:
  json receipts(const Person& viewer, const json& message) const {
    const auto reply =
        viewer.get(fmt::format("/api/chat/{}/messages/{}/receipts", chat, message.at("id").dump()));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  // That of one member; null: there is none.
  json receipt(const Person& viewer, const json& message, const Person& of) const {
    for (const auto& one : receipts(viewer, message)) {
      if (one.at("user_id") == of.id()) return one;
    }
    return nullptr;
  }
  void reads(const Person& person, const json& message) const {
    const auto reply =
        person.post(fmt::format("/api/chat/{}/read", chat), {{"message_id", message.at("id")}});
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  void show_read(const Person& person, bool shown) {
    const auto reply =
        system.send("PUT", "/api/users/preferences", json{{"show_read", shown}}, person.bearer());
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  // As if the last event of each member were a while ago.
  void let_time_pass() {
    system.database->query(
        "UPDATE chat_members SET read_event_at = read_event_at - interval '2 seconds'");
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
};

TEST_F(Receipts, AMessageWithoutAReaderHasNone) {
  EXPECT_THAT(receipts(alice, alice.posts(chat, "hello")), IsEmpty());
}

TEST_F(Receipts, AMessageIsDeliveredWhenItWasWrittenToAStream) {
  auto stream = bob.subscribes();
  const auto message = alice.posts(chat, "hello");
  ASSERT_TRUE(stream.next("NewMessage"));
  ASSERT_TRUE(eventually([&] { return !receipt(alice, message, bob).is_null(); }));
  const auto one = receipt(alice, message, bob);
  EXPECT_GT(one.at("delivered_at"), message.at("created_at"));
  EXPECT_TRUE(one.at("read_at").is_null());
  EXPECT_TRUE(receipt(alice, message, carol).is_null());
}

TEST_F(Receipts, TheTimesOfAMessageAreThoseAtWhichTheNumberPassedIt) {
  const auto first = alice.posts(chat, "one");
  const auto second = alice.posts(chat, "two");
  const auto third = alice.posts(chat, "three");
  reads(bob, first);
  let_time_pass();
  const auto early = receipt(alice, first, bob).at("read_at");
  EXPECT_TRUE(receipt(alice, second, bob).is_null());
  reads(bob, third);
  EXPECT_EQ(receipt(alice, first, bob).at("read_at"), early);
  const auto late = receipt(alice, third, bob).at("read_at");
  EXPECT_GT(late, early);
  EXPECT_EQ(receipt(alice, second, bob).at("read_at"), late);
  EXPECT_EQ(receipt(alice, second, bob).at("delivered_at"), late);
}

TEST_F(Receipts, AnAnswerIsAReceipt) {
  const auto message = alice.posts(chat, "one");
  bob.posts(chat, "two");
  EXPECT_TRUE(receipt(alice, message, bob).at("read_at").is_string());
}

TEST_F(Receipts, MarkingAsUnreadTakesNoneBack) {
  const auto message = alice.posts(chat, "one");
  reads(bob, message);
  const auto before = receipt(alice, message, bob);
  const auto reply =
      bob.post(fmt::format("/api/chat/{}/unread", chat), {{"message_id", message.at("id")}});
  EXPECT_EQ(reply.json().at("unread_count"), 1);
  EXPECT_EQ(receipt(alice, message, bob), before);
}

TEST_F(Receipts, AUserWhoHidesTheirsIsNotSeenAndSeesNone) {
  show_read(bob, false);
  const auto message = alice.posts(chat, "one");
  auto alices = alice.subscribes();
  auto bobs = bob.subscribes();
  reads(bob, message);
  reads(carol, message);
  EXPECT_EQ(alices.next("MessageRead")->data.at("user_id"), carol.id());
  EXPECT_EQ(bobs.next("MessageRead")->data.at("user_id"), bob.id());
  EXPECT_TRUE(receipt(alice, message, bob).is_null());
  EXPECT_TRUE(receipt(alice, message, carol).at("read_at").is_string());
  EXPECT_TRUE(receipt(bob, message, carol).is_null());
  alice.posts(chat, "the end");
  EXPECT_EQ(next_name(bobs), "NewMessage");
}

TEST_F(Receipts, AMemberThatIsAddedLaterHidesTheirsToo) {
  const auto dave = system.signs_up("dave");
  show_read(dave, false);
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), {dave.id()}).status, 201);
  const auto message = alice.posts(chat, "one");
  reads(dave, message);
  EXPECT_TRUE(receipt(alice, message, dave).is_null());
}

TEST_F(Receipts, AWorkspaceCanHideThem) {
  system.database->query("UPDATE workspaces SET read_receipts = false");
  const auto message = alice.posts(chat, "one");
  reads(bob, message);
  EXPECT_THAT(receipts(alice, message), IsEmpty());
}

TEST_F(Receipts, ThereAreNoneAboveTheMemberLimitAndAfterThirtyDays) {
  const auto message = alice.posts(chat, "one");
  reads(bob, message);
  system.database->query("UPDATE chats SET member_count = 201");
  EXPECT_THAT(receipts(alice, message), IsEmpty());
  system.database->query(
      "UPDATE chats SET member_count = 3;"
      "UPDATE messages SET created_at = now() - interval '31 days'");
  EXPECT_THAT(receipts(alice, message), IsEmpty());
}

}  // namespace
}  // namespace fechatter::test
