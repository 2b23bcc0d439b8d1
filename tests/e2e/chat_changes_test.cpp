#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class ChatChanges : public testing::Test {
 protected:
  static std::string path(std::int64_t of) { return fmt::format("/api/chat/{}", of); }
  static std::vector<std::string> names(const json& list) {
    std::vector<std::string> found;
    for (const auto& item : list) found.push_back(item.at("name"));
    return found;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(ChatChanges, ARenameIsDeliveredToTheMembers) {
  auto bobs = bob.subscribes();
  const auto reply = alice.patch(path(chat), {{"name", "great plans"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("name"), "great plans");
  const auto event = bobs.next("ChatUpdated");
  ASSERT_TRUE(event);
  const auto chat_fields = reply.json();
  for (const auto& [field, value] : chat_fields.items()) EXPECT_EQ(event->data.at(field), value);
  EXPECT_EQ(alice.patch(path(chat), {{"description", "all of them"}}).json().at("name"),
            "great plans");
}

TEST_F(ChatChanges, AnUpdateWithoutChangeHasNoEvent) {
  EXPECT_EQ(alice.patch(path(chat), {{"name", "plans"}}).status, 200);
  EXPECT_EQ(alice.patch(path(chat), json::object()).status, 200);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'ChatUpdated'"), 0);
}

TEST_F(ChatChanges, OnlyOwnersAndAdminsRename) {
  EXPECT_EQ(bob.patch(path(chat), {{"name", "mine"}}).status, 403);
  EXPECT_EQ(carol.patch(path(chat), {{"name", "mine"}}).status, 404);
  EXPECT_EQ(mallory.patch(path(chat), {{"name", "mine"}}).status, 404);
  alice.patch(fmt::format("{}/members/{}", path(chat), bob.id()), {{"role", "admin"}});
  EXPECT_EQ(bob.patch(path(chat), {{"name", "ours"}}).status, 200);
}

TEST_F(ChatChanges, ThePublicChannelNameStaysUnique) {
  alice.makes_chat("PublicChannel", {}, "Lobby");
  const auto hall = alice.makes_chat("PublicChannel", {}, "Hall");
  const auto reply = alice.patch(path(hall), {{"name", "lobby"}, {"description", "changed"}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "chat.name_taken");
  EXPECT_EQ(alice.get(path(hall)).json().at("description"), "");
  EXPECT_EQ(alice.patch(path(hall), {{"name", "HALL"}}).json().at("name"), "HALL");
  EXPECT_EQ(alice.patch(path(chat), {{"name", "lobby"}}).status, 200);
  EXPECT_EQ(alice.patch(path(chat), {{"name", std::string(129, 'x')}}).status, 422);
  EXPECT_EQ(alice.patch(path(chat), {{"name", ""}}).status, 422);
}

TEST_F(ChatChanges, ADeletedChatIsNotFoundAndItsMembersGetAnEvent) {
  auto bobs = bob.subscribes();
  auto carols = carol.subscribes();
  alice.posts(chat, "soon gone");
  EXPECT_EQ(bob.remove(path(chat)).status, 403);
  ASSERT_EQ(alice.remove(path(chat)).status, 204);
  const auto event = bobs.next("ChatDeleted");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("id"), chat);
  EXPECT_EQ(event->data.at("name"), "plans");
  EXPECT_EQ(alice.get(path(chat)).status, 404);
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", "?"}}).status, 404);
  EXPECT_EQ(alice.remove(path(chat)).status, 404);
  const auto elsewhere = carol.makes_chat("PrivateChannel", {}, "plans");  // the name is free again
  EXPECT_EQ(carols.next("NewChat")->data.at("id"), elsewhere);
}

TEST_F(ChatChanges, ADeletionIsReplayedToAReturningMember) {
  auto bobs = bob.subscribes();
  alice.posts(chat, "seen");
  const auto seen = bobs.next("NewMessage");
  bobs.close();
  auto alices = alice.subscribes();
  alice.posts(chat, "not seen");
  alice.remove(path(chat));
  ASSERT_TRUE(alices.next("ChatDeleted"));
  auto back = bob.subscribes(seen->id);
  EXPECT_EQ(back.next()->name, "ChatDeleted");
  EXPECT_EQ(back.next()->name, "CaughtUp");
}

TEST_F(ChatChanges, PublicChannelsAreListedForTheWholeWorkspace) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  alice.makes_chat("PublicChannel", {}, "Cafeteria");
  mallory.makes_chat("PublicChannel", {}, "their lobby");
  bob.post(path(lobby) + "/join", json::object());
  const auto list = bob.get("/api/chats/public").json();
  EXPECT_THAT(names(list), ElementsAre("lobby", "Cafeteria"));
  EXPECT_EQ(list[0].at("is_member"), true);
  EXPECT_EQ(list[1].at("is_member"), false);
  EXPECT_THAT(names(bob.get("/api/chats/public?q=CAFE").json()), ElementsAre("Cafeteria"));
  EXPECT_THAT(names(bob.get("/api/chats/public?limit=1").json()), ElementsAre("lobby"));
  EXPECT_THAT(names(bob.get(fmt::format("/api/chats/public?after_id={}", lobby)).json()),
              ElementsAre("Cafeteria"));
}

TEST_F(ChatChanges, AliasesAnswerTheSameWithADeprecationHeader) {
  const auto list = alice.get("/api/workspace/chats");
  EXPECT_EQ(list.json(), alice.get("/api/chat").json());
  EXPECT_EQ(list.header("deprecation"), "true");
  EXPECT_EQ(alice.get("/api/chat").header("deprecation"), "");
  const auto put = system.send("PUT", path(chat), json{{"name", "renamed"}}, alice.bearer());
  EXPECT_EQ(put.json().at("name"), "renamed");
  EXPECT_EQ(alice.post("/api/logout_all", json::object()).status, 200);
}

}  // namespace
}  // namespace fechatter::test
