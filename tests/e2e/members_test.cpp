#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class Members : public testing::Test {
 protected:
  std::string path(std::int64_t of, const std::string& rest = {}) const {
    return fmt::format("/api/chat/{}{}", of, rest);
  }
  std::string member(std::int64_t of, const Person& person) const {
    return fmt::format("/api/chat/{}/members/{}", of, person.id());
  }
  static std::vector<std::int64_t> ids(const json& list) {
    std::vector<std::int64_t> found;
    for (const auto& item : list) found.push_back(item.at("user_id"));
    return found;
  }
  std::vector<std::int64_t> members_of(std::int64_t of, const Person& seen_by) {
    return ids(seen_by.get(path(of, "/members")).json());
  }
  std::string role_of(const Person& person, std::int64_t of) {
    const auto members = alice.get(path(of, "/members")).json();
    for (const auto& item : members) {
      if (item.at("user_id") == person.id()) return item.at("role");
    }
    return "none";
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(Members, AnAddedMemberIsReturnedAndGetsTheEvents) {
  auto carols = carol.subscribes();
  auto bobs = bob.subscribes();
  const auto reply = alice.post(path(chat, "/members"), {carol.id(), bob.id(), carol.id()});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_THAT(ids(reply.json()), ElementsAre(carol.id()));  // bob was a member before
  EXPECT_EQ(reply.json()[0].at("role"), "member");

  const auto invited = carols.next("NewChat");
  ASSERT_TRUE(invited);
  EXPECT_EQ(invited->data.at("id"), chat);
  EXPECT_EQ(invited->data.at("member_count"), 3);
  for (auto* session : {&carols, &bobs}) {
    const auto joined = session->next("UserJoinedChat");
    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->data.at("user_id"), carol.id());
    EXPECT_EQ(joined->data.at("fullname"), "carol");
    EXPECT_EQ(joined->data.at("chat_id"), chat);
    EXPECT_EQ(joined->data.at("joined_at"), reply.json()[0].at("joined_at"));
  }
  alice.posts(chat, "welcome");
  EXPECT_TRUE(carols.next("NewMessage"));
}

TEST_F(Members, TheObjectFormAndItsOlderNameAreAccepted) {
  EXPECT_EQ(alice.post(path(chat, "/members"), {{"members", {carol.id()}}}).status, 201);
  EXPECT_EQ(alice.post(path(chat, "/members"), {{"member_ids", {dave.id()}}}).status, 201);
  EXPECT_THAT(members_of(chat, alice), ElementsAre(alice.id(), bob.id(), carol.id(), dave.id()));
}

TEST_F(Members, EarlierMessagesCountAsReadForAnAddedMember) {
  alice.posts(chat, "one");
  alice.posts(chat, "two");
  alice.post(path(chat, "/members"), json{carol.id()});
  EXPECT_EQ(carol.get("/api/chat").json()[0].at("unread_count"), 0);
  alice.posts(chat, "three");
  EXPECT_EQ(carol.get("/api/chat").json()[0].at("unread_count"), 1);
}

TEST_F(Members, OneInvalidUserRefusesTheWholeRequest) {
  const auto reply = alice.post(path(chat, "/members"), {carol.id(), mallory.id()});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json().at("errors")[0].at("field"), "members");
  EXPECT_THAT(reply.json().at("detail").get<std::string>(),
              testing::HasSubstr(std::to_string(mallory.id())));
  EXPECT_THAT(members_of(chat, alice), ElementsAre(alice.id(), bob.id()));
}

TEST_F(Members, PlainMembersMayNeitherAddNorRemove) {
  EXPECT_EQ(bob.post(path(chat, "/members"), json{carol.id()}).status, 403);
  EXPECT_EQ(bob.remove(path(chat, "/members"), json{alice.id()}).status, 403);
  EXPECT_EQ(carol.post(path(chat, "/members"), json{carol.id()}).status, 404);
  EXPECT_EQ(mallory.post(path(chat, "/members"), json{mallory.id()}).status, 404);
}

TEST_F(Members, SeveralAddedMembersAreListedInOneEvent) {
  auto bobs = bob.subscribes();
  ASSERT_EQ(alice.post(path(chat, "/members"), json{carol.id(), dave.id()}).status, 201);
  const auto joined = bobs.next("UserJoinedChat");
  ASSERT_TRUE(joined);
  EXPECT_THAT(ids(joined->data.at("users")), ElementsAre(carol.id(), dave.id()));
  EXPECT_FALSE(joined->data.contains("user_id"));
  ASSERT_EQ(alice.remove(path(chat, "/members"), json{carol.id(), dave.id()}).status, 204);
  const auto left = bobs.next("UserLeftChat");
  ASSERT_TRUE(left);
  EXPECT_THAT(ids(left->data.at("users")), ElementsAre(carol.id(), dave.id()));
}

TEST_F(Members, ABodyWithoutIdsIsRefusedWithTheFieldName) {
  for (const auto& body : {json::array(), json::object(), json{0}, json{{"members", "1"}}}) {
    const auto reply = alice.post(path(chat, "/members"), body);
    EXPECT_EQ(reply.status, 422) << body;
    EXPECT_THAT(reply.json().at("errors")[0].at("field").get<std::string>(),
                testing::StartsWith("members"));
  }
}

TEST_F(Members, ARemovedMemberGetsTheEventAndNothingAfterIt) {
  auto bobs = bob.subscribes();
  ASSERT_EQ(alice.remove(path(chat, "/members"), json{bob.id()}).status, 204);
  const auto left = bobs.next("UserLeftChat");
  ASSERT_TRUE(left);
  EXPECT_EQ(left->data.at("user_id"), bob.id());
  EXPECT_EQ(bob.get(path(chat)).status, 404);
  EXPECT_EQ(bob.get(path(chat, "/messages")).status, 404);
  EXPECT_EQ(bob.tries_to_post(chat, {{"content", "let me in"}}).status, 404);
  alice.posts(chat, "without bob");
  const auto elsewhere = bob.makes_chat("PrivateChannel", {}, "bob alone");
  bob.posts(elsewhere, "to myself");
  EXPECT_EQ(bobs.next("NewMessage")->data.at("content"), "to myself");
}

TEST_F(Members, AnAdminRemovesMembersButNeitherAdminsNorTheOwner) {
  alice.post(path(chat, "/members"), json{carol.id(), dave.id()});
  alice.patch(member(chat, bob), {{"role", "admin"}});
  alice.patch(member(chat, carol), {{"role", "admin"}});
  EXPECT_EQ(bob.remove(path(chat, "/members"), json{carol.id()}).status, 403);
  EXPECT_EQ(bob.remove(path(chat, "/members"), json{alice.id()}).status, 409);
  EXPECT_EQ(bob.remove(path(chat, "/members"), json{dave.id()}).status, 204);
  EXPECT_THAT(members_of(chat, alice), ElementsAre(alice.id(), bob.id(), carol.id()));
}

TEST_F(Members, RemovalMayNotShrinkAGroupBelowThreeButLeavingMay) {
  const auto group = alice.makes_chat("Group", {bob.id(), carol.id()});
  const auto reply = alice.remove(path(group, "/members"), json{bob.id()});
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_EQ(bob.post(path(group, "/leave"), json::object()).status, 204);
  EXPECT_THAT(members_of(group, alice), ElementsAre(alice.id(), carol.id()));
}

TEST_F(Members, TheMembersOfASingleNeverChange) {
  const auto single = alice.makes_chat("Single", {bob.id()}, "");
  EXPECT_EQ(alice.post(path(single, "/members"), json{carol.id()}).status, 422);
  EXPECT_EQ(alice.remove(path(single, "/members"), json{bob.id()}).status, 422);
  EXPECT_EQ(bob.post(path(single, "/leave"), json::object()).status, 422);
}

TEST_F(Members, APatchWithoutARoleTransfersTheOwnership) {
  auto bobs = bob.subscribes();
  const auto reply = system.send("PATCH", member(chat, bob), {}, alice.bearer());
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("role"), "owner");
  EXPECT_EQ(role_of(alice, chat), "admin");
  EXPECT_EQ(bobs.next("ChatUpdated")->data.at("owner_id"), bob.id());
  EXPECT_EQ(alice.patch(member(chat, alice), {{"role", "owner"}}).status, 403);
}

TEST_F(Members, OnlyTheOwnerChangesRoles) {
  alice.post(path(chat, "/members"), json{carol.id()});
  ASSERT_EQ(alice.patch(member(chat, bob), {{"role", "admin"}}).json().at("role"), "admin");
  EXPECT_EQ(bob.patch(member(chat, carol), {{"role", "admin"}}).status, 403);
  EXPECT_EQ(alice.patch(member(chat, alice), {{"role", "member"}}).status, 409);
  EXPECT_EQ(alice.patch(member(chat, dave), {{"role", "admin"}}).json().at("code"),
            "chat.member_not_found");
  EXPECT_EQ(alice.patch(member(chat, bob), {{"role", "king"}}).status, 422);
}

TEST_F(Members, EveryUserOfTheWorkspaceMayJoinAPublicChannel) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  auto alices = alice.subscribes();
  auto bobs = bob.subscribes();
  const auto reply = bob.post(path(lobby, "/join"), json::object());
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("chat_members"), (json{alice.id(), bob.id()}));
  auto event = bobs.next("NewChat");
  if (event->data.at("id") == chat)
    event = bobs.next("NewChat");  // of the chat created just before the stream was opened
  EXPECT_EQ(event->data.at("id"), lobby);
  EXPECT_EQ(alices.next("UserJoinedChat")->data.at("user_id"), bob.id());
  EXPECT_EQ(mallory.post(path(lobby, "/join"), json::object()).status, 404);
}

TEST_F(Members, ASecondJoinSucceedsWithoutAnEvent) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  EXPECT_EQ(bob.post(path(lobby, "/join"), json::object()).status, 200);
  EXPECT_EQ(bob.post(path(lobby, "/join"), json::object()).status, 200);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'UserJoinedChat'"),
            1);
}

TEST_F(Members, OtherChatTypesCannotBeJoined) {
  EXPECT_EQ(carol.post(path(chat, "/join"), json::object()).status, 404);
  EXPECT_EQ(bob.post(path(chat, "/join"), json::object()).status, 422);
}

TEST_F(Members, ALeaveIsDeliveredToAllMembers) {
  auto alices = alice.subscribes();
  auto bobs = bob.subscribes();
  ASSERT_EQ(bob.post(path(chat, "/leave"), json::object()).status, 204);
  for (auto* session : {&alices, &bobs}) {
    EXPECT_EQ(session->next("UserLeftChat")->data.at("user_id"), bob.id());
  }
  EXPECT_EQ(bob.post(path(chat, "/leave"), json::object()).status, 404);
  const auto chats_of_bob = bob.get("/api/chat").json();
  EXPECT_THAT(chats_of_bob, IsEmpty());
}

TEST_F(Members, TheOwnerMustTransferTheOwnershipBeforeLeaving) {
  const auto reply = alice.post(path(chat, "/leave"), json::object());
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "chat.owner_must_hand_over");
  alice.patch(member(chat, bob), json::object());
  EXPECT_EQ(alice.post(path(chat, "/leave"), json::object()).status, 204);
  EXPECT_THAT(members_of(chat, bob), ElementsAre(bob.id()));
}

TEST_F(Members, ReplayRespectsThePresentMembership) {
  auto bobs = bob.subscribes();
  alice.posts(chat, "before");
  const auto seen = bobs.next("NewMessage");
  ASSERT_TRUE(seen);
  bobs.close();
  auto alices = alice.subscribes();
  alice.posts(chat, "secret of the chat bob is removed from");
  alice.remove(path(chat, "/members"), json{bob.id()});
  ASSERT_TRUE(alices.next("UserLeftChat"));
  auto back = bob.subscribes(seen->id);
  const auto first = back.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "UserLeftChat");  // not the message before it
}

}  // namespace
}  // namespace fechatter::test
