#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// Deleting, restoring and erasing chats.
class Restoring : public testing::Test {
 protected:
  static std::string path(std::int64_t chat, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  Reply restore(const Person& by, std::int64_t chat) {
    return by.post(path(chat, "/restore"), json::object());
  }
  std::int64_t rows_of(const std::string& table, std::int64_t chat) {
    return database.number(fmt::format("SELECT count(*) FROM {} WHERE {} = {}", table,
                                       table == "chats" ? "id" : "chat_id", chat));
  }

  System system;
  TestDatabase& database = *system.database;
  Person boss = system.signs_up("boss");  // the owner of the workspace
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(Restoring, ARestoredChatIsAsItWasAndItsMembersGetNewChat) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  alice.patch(path(chat, fmt::format("/members/{}", bob.id())), {{"role", "admin"}});
  const auto said = alice.posts(chat, "kept");
  const auto members = alice.get(path(chat, "/members")).json();
  auto bobs = bob.subscribes();
  ASSERT_EQ(alice.remove(path(chat)).status, 204);
  ASSERT_TRUE(bobs.next("ChatDeleted"));
  EXPECT_EQ(bob.get(path(chat)).status, 404);
  const auto reply = restore(boss, chat);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("name"), "plans");
  EXPECT_EQ(bobs.next("NewChat")->data.at("id"), chat);
  EXPECT_EQ(alice.get(path(chat, "/members")).json(), members);
  EXPECT_EQ(bob.get(path(chat, "/messages")).json(), json::array({said}));
  alice.posts(chat, "and goes on");
  EXPECT_EQ(bobs.next("NewMessage")->data.at("content"), "and goes on");
}

TEST_F(Restoring, ADeletedChatIsGoneForEveryRequestAndEveryMember) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "lobby");
  bob.post(path(chat, "/join"), json::object());
  const auto said = alice.posts(chat, "kept out of sight");
  alice.remove(path(chat));
  for (const auto* person : {&alice, &bob, &boss}) {
    EXPECT_EQ(person->get(path(chat)).status, 404);
    EXPECT_EQ(person->get(path(chat, "/members")).status, 404);
    EXPECT_EQ(person->get(path(chat, "/messages")).status, 404);
    EXPECT_EQ(person->tries_to_post(chat, {{"content", "?"}}).status, 404);
    EXPECT_EQ(person->patch(path(chat), {{"name", "x"}}).status, 404);
    EXPECT_EQ(person->post(path(chat, "/join"), json::object()).status, 404);
    EXPECT_EQ(person->post(path(chat, "/leave"), json::object()).status, 404);
    EXPECT_EQ(person->get("/api/chat").json(), json::array());
    EXPECT_EQ(person->get("/api/chats/public").json(), json::array());
    EXPECT_EQ(person->get("/api/search/messages?q=kept").json().at("total"), 0);
    EXPECT_EQ(
        person->remove(path(chat, fmt::format("/messages/{}", said.at("id").get<int>()))).status,
        404);
  }
}

TEST_F(Restoring, ANameThatWasTakenMeanwhileGetsANumber) {
  const auto first = alice.makes_chat("PublicChannel", {}, std::string(127, 'x'));
  const auto second = alice.makes_chat("PublicChannel", {}, "lobby");
  for (const auto chat : {first, second}) alice.remove(path(chat));
  bob.makes_chat("PublicChannel", {}, "Lobby");
  bob.makes_chat("PublicChannel", {}, "lobby 2");
  bob.makes_chat("PublicChannel", {}, std::string(127, 'x'));
  EXPECT_EQ(restore(boss, second).json().at("name"), "lobby 3");
  EXPECT_EQ(restore(boss, first).json().at("name"), std::string(126, 'x') + " 2");
}

TEST_F(Restoring, OnlyAnExistingDeletedChatOfTheWorkspaceIsRestoredAndOnlyOnce) {
  const auto chat = alice.makes_chat("PrivateChannel", {}, "plans");
  const auto kept = alice.makes_chat("PrivateChannel", {}, "kept");
  alice.remove(path(chat));
  EXPECT_EQ(restore(alice, chat).status, 403);
  EXPECT_EQ(restore(mallory, chat).status, 404);
  EXPECT_EQ(restore(boss, kept).status, 404);
  EXPECT_EQ(restore(boss, 987654).status, 404);
  EXPECT_EQ(restore(boss, chat).status, 200);
  EXPECT_EQ(restore(boss, chat).status, 404);
}

TEST_F(Restoring, AfterTheGraceEverythingIsErased) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  alice.posts(chat, "erased one day");
  alice.remove(path(chat));
  EXPECT_EQ(database.number("SELECT count(*) FROM chats"
                            " WHERE erase_at - deleted_at BETWEEN '29 days' AND '31 days'"),
            1);
  database.query("UPDATE chats SET erase_at = now() - interval '1 second' WHERE erase_at > now()");
  EXPECT_EQ(restore(boss, chat).status, 404);
  EXPECT_EQ(rows_of("messages", chat), 1);  // erasing begins a minute late
  database.query("UPDATE chats SET erase_at = now() - interval '2 minutes' WHERE erase_at < now()");
  EXPECT_TRUE(eventually([&] { return rows_of("messages", chat) == 0; }));
  EXPECT_EQ(rows_of("search_documents", chat), 0);
  EXPECT_EQ(rows_of("chat_members", chat), 2);  // the receivers of ChatDeleted, for 8 days
  database.query("UPDATE chats SET deleted_at = now() - interval '9 days' WHERE erase_at < now()");
  EXPECT_TRUE(eventually([&] { return rows_of("chats", chat) == 0; }));
  EXPECT_EQ(rows_of("chat_members", chat), 0);
}

TEST_F(Restoring, ARestoredChatOfASuspendedOwnerIsHandedOn) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  alice.remove(path(chat));
  boss.patch(fmt::format("/api/workspace/members/{}", alice.id()), {{"status", "Suspended"}});
  EXPECT_EQ(restore(boss, chat).status, 200);
  EXPECT_EQ(bob.get(path(chat)).json().at("owner_id"), bob.id());
}

}  // namespace
}  // namespace fechatter::test
