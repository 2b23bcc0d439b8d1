#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// Archiving chats, and what they are set to.
class ChatSettings : public testing::Test {
 protected:
  static std::string path(std::int64_t of, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", of, rest);
  }
  Reply set(const Person& person, std::int64_t of, const json& body) {
    return system.send("PUT", path(of, "/settings"), body, person.bearer());
  }
  static Reply archive(const Person& person, std::int64_t of) {
    return person.post(path(of, "/archive"), json::object());
  }
  static Reply unarchive(const Person& person, std::int64_t of) {
    return person.post(path(of, "/unarchive"), json::object());
  }
  static void expect_refused(const Reply& reply, const std::string& code) {
    EXPECT_EQ(reply.status, 403) << reply.body;
    EXPECT_EQ(reply.json().at("code"), code);
  }
  std::int64_t events(const std::string& type) {
    return system.database->number("SELECT count(*) FROM outbox WHERE type = '" + type + "'");
  }
  static std::vector<std::string> names(const Reply& reply) {
    std::vector<std::string> found;
    for (const auto& channel : reply.json()) found.push_back(channel.at("name"));
    return found;
  }

  System system;
  Person boss = system.signs_up("boss");  // the owner of the workspace
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(ChatSettings, AnArchivedChatIsReadAndNotWritten) {
  const auto said = alice.posts(chat, "before");
  const auto reply = archive(alice, chat);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_FALSE(reply.json().at("archived_at").is_null());
  expect_refused(alice.tries_to_post(chat, {{"content", "after"}}), "chat.archived");
  expect_refused(bob.tries_to_post(chat, {{"content", "after"}}), "chat.archived");
  const auto id = said.at("id").get<std::int64_t>();
  const auto message = path(chat, fmt::format("/messages/{}", id));
  const auto pin = path(chat, fmt::format("/pins/{}", id));
  expect_refused(alice.patch(message, {{"content", "changed"}}), "chat.archived");
  const auto reaction = message + "/reactions/%F0%9F%91%8D";
  expect_refused(system.send("PUT", reaction, {}, bob.bearer()), "chat.archived");
  expect_refused(system.send("PUT", pin, {}, alice.bearer()), "chat.archived");
  expect_refused(alice.remove(pin), "chat.archived");
  expect_refused(bob.post(path(chat, "/typing"), {{"is_typing", true}}), "chat.archived");
  EXPECT_EQ(bob.get(path(chat, "/messages")).json(), json::array({said}));
  EXPECT_EQ(bob.get(path(chat)).json(), reply.json());
  EXPECT_EQ(alice.remove(message).status, 204);
  EXPECT_EQ(unarchive(alice, chat).json().at("archived_at"), nullptr);
  bob.posts(chat, "after");
}

TEST_F(ChatSettings, ARepeatedRequestOfAnArchivedChatIsAnsweredWithItsMessage) {
  const json body{{"content", "once"}, {"idempotency_key", "0191d2a6-6f7e-7c3b-9d51-8f6d4c2b1a09"}};
  const auto sent = alice.tries_to_post(chat, body);
  archive(alice, chat);
  const auto again = alice.tries_to_post(chat, body);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json(), sent.json());
}

TEST_F(ChatSettings, ArchivingAndRestoringIsDeliveredOnceToTheMembers) {
  auto bobs = bob.subscribes();
  for (int i = 0; i < 2; ++i) archive(alice, chat);
  for (int i = 0; i < 2; ++i) unarchive(alice, chat);
  const auto archived = bobs.next();
  const auto restored = bobs.next();
  EXPECT_EQ(archived->name, "ChatArchived");
  EXPECT_EQ(archived->data.at("id"), chat);
  EXPECT_FALSE(archived->data.at("archived_at").is_null());
  EXPECT_EQ(restored->name, "ChatRestored");
  EXPECT_EQ(restored->data.at("archived_at"), nullptr);
  EXPECT_EQ(events("ChatArchived") + events("ChatRestored"), 2);
}

TEST_F(ChatSettings, AMemberThatWasRemovedGetsNothingOfAChatThatIsRestored) {
  auto bobs = bob.subscribes();
  alice.remove(path(chat, "/members"), json::array({bob.id()}));
  ASSERT_TRUE(bobs.next("UserLeftChat"));
  archive(alice, chat);
  unarchive(alice, chat);
  alice.posts(chat, "among us");
  const auto other = alice.makes_chat("PrivateChannel", {bob.id()}, "other");
  const auto event = bobs.next();
  EXPECT_EQ(event->name, "NewChat");
  EXPECT_EQ(event->data.at("id"), other);
}

TEST_F(ChatSettings, OwnersOfTheWorkspaceArchivePublicChannelsOnly) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  EXPECT_EQ(archive(boss, lobby).status, 200);
  expect_refused(alice.tries_to_post(lobby, {{"content", "?"}}), "chat.archived");
  EXPECT_EQ(unarchive(boss, lobby).status, 200);
  EXPECT_EQ(archive(boss, chat).status, 404);
  EXPECT_EQ(archive(bob, lobby).status, 404);
}

TEST_F(ChatSettings, OnlyTheAdminsWriteWhereItIsSetSo) {
  const auto said = bob.posts(chat, "before");
  ASSERT_EQ(set(alice, chat, {{"who_may_write", "admins"}}).json().at("who_may_write"), "admins");
  expect_refused(bob.tries_to_post(chat, {{"content", "after"}}), "chat.read_only");
  const auto message = path(chat, fmt::format("/messages/{}", said.at("id").get<std::int64_t>()));
  expect_refused(bob.patch(message, {{"content", "changed"}}), "chat.read_only");
  alice.posts(chat, "news");
  alice.patch(path(chat, fmt::format("/members/{}", bob.id())), {{"role", "admin"}});
  bob.posts(chat, "after");
  EXPECT_EQ(set(alice, chat, {{"who_may_write", "all"}}).json().at("who_may_write"), "all");
}

TEST_F(ChatSettings, SettingsAreDeliveredAndAnAbsentOneStays) {
  auto bobs = bob.subscribes();
  const auto reply = set(alice, chat,
                         {{"topic", "Releases"},
                          {"who_may_write", "admins"},
                          {"who_may_pin", "admins"},
                          {"everyone_mentions", false}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto event = bobs.next("ChatUpdated");
  for (const auto* field : {"topic", "who_may_write", "who_may_pin", "everyone_mentions"}) {
    EXPECT_EQ(event->data.at(field), reply.json().at(field)) << field;
  }
  EXPECT_EQ(event->data.at("topic"), "Releases");
  EXPECT_EQ(event->data.at("everyone_mentions"), false);
  EXPECT_EQ(set(alice, chat, json::object()).json(), reply.json());
  EXPECT_EQ(set(alice, chat, {{"topic", "Releases"}}).json(), reply.json());
  EXPECT_EQ(set(alice, chat, {{"topic", ""}}).json().at("who_may_pin"), "admins");
  EXPECT_EQ(events("ChatUpdated"), 2);
}

TEST_F(ChatSettings, RefusalsNameTheField) {
  const std::vector<std::pair<std::string, json>> wrong{{"who_may_write", "some"},
                                                        {"who_may_pin", 1},
                                                        {"everyone_mentions", "yes"},
                                                        {"topic", std::string(251, 'x')}};
  for (const auto& [field, value] : wrong) {
    const auto reply = set(alice, chat, {{field, value}});
    EXPECT_EQ(reply.status, 422) << field;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field);
  }
  EXPECT_EQ(set(bob, chat, {{"topic", "mine"}}).status, 403);
  EXPECT_EQ(set(boss, chat, {{"topic", "mine"}}).status, 404);
  const auto single = alice.makes_chat("Single", {bob.id()}, "");
  EXPECT_EQ(set(alice, single, {{"who_may_write", "admins"}}).status, 403);
  EXPECT_EQ(archive(alice, single).status, 403);
}

TEST_F(ChatSettings, PublicChannelsAreFoundByTopicWithTheirMemberCountsAndArchivedOnesApart) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  const auto attic = alice.makes_chat("PublicChannel", {}, "attic");
  set(alice, lobby, {{"topic", "Who is in today"}});
  bob.post(path(lobby, "/join"), json::object());
  archive(alice, attic);
  const auto found = boss.get("/api/chats/public?q=TODAY");
  EXPECT_THAT(names(found), ElementsAre("lobby"));
  EXPECT_EQ(found.json()[0].at("member_count"), 2);
  EXPECT_THAT(names(boss.get("/api/chats/public")), ElementsAre("lobby"));
  EXPECT_THAT(names(boss.get("/api/chats/public?archived=true")), ElementsAre("attic"));
  EXPECT_THAT(names(boss.get("/api/chats/public?archived=true&q=today")), ElementsAre());
  EXPECT_EQ(boss.get("/api/chats/public?archived=perhaps").status, 422);
}

}  // namespace
}  // namespace fechatter::test
