#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class Chats : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  static std::string path(std::int64_t chat, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  // Posts a chat as alice, which must be refused; returns the name of the invalid field.
  std::string refused_field(const json& draft) {
    const auto reply = alice.post("/api/chat", draft);
    EXPECT_EQ(reply.status, 422) << reply.body;
    return reply.json().at("errors").at(0).at("field");
  }
  static std::vector<std::int64_t> ids(const json& list) {
    std::vector<std::int64_t> found;
    for (const auto& item : list) found.push_back(item.at("id"));
    return found;
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(Chats, AGroupHasItsCreatorAndAtLeastTwoOtherMembers) {
  const auto reply = alice.post("/api/chat", {{"name", "team"},
                                              {"chat_type", "Group"},
                                              {"member_ids", {bob.id(), carol.id(), bob.id()}},
                                              {"description", "all of us"}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto chat = reply.json();
  EXPECT_EQ(chat.at("chat_members"), (json{alice.id(), bob.id(), carol.id()}));
  EXPECT_EQ(chat.at("member_count"), 3);
  EXPECT_EQ(chat.at("owner_id"), alice.id());
  EXPECT_EQ(chat.at("created_by"), alice.id());
  EXPECT_EQ(chat.at("description"), "all of us");
  EXPECT_EQ(chat.at("last_seq"), 0);
  EXPECT_EQ(refused_field({{"name", "x"}, {"chat_type", "Group"}, {"members", {bob.id()}}}),
            "members");
}

TEST_F(Chats, ASingleHasExactlyTwoDifferentMembers) {
  EXPECT_EQ(refused_field({{"chat_type", "Single"}, {"members", {alice.id()}}}), "members");
  EXPECT_EQ(refused_field({{"chat_type", "Single"}}), "members");
  EXPECT_EQ(refused_field({{"chat_type", "Single"}, {"members", {bob.id(), carol.id()}}}),
            "members");
}

TEST_F(Chats, APairOfUsersHasOneSingle) {
  const auto first = alice.makes_chat("Single", {bob.id()}, "");
  const auto again = bob.post("/api/chat", {{"chat_type", "Single"}, {"members", {alice.id()}}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json().at("id"), first);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox"), 1);
}

TEST_F(Chats, ASingleIsCalledAfterTheOtherPersonForEachOfTheTwo) {
  const json draft{{"chat_type", "Single"}, {"name", "my secret name"}, {"members", {bob.id()}}};
  const auto made = alice.post("/api/chat", draft);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json().at("name"), "bob");
  const std::int64_t chat = made.json().at("id");
  EXPECT_EQ(bob.get(path(chat)).json().at("name"), "alice");
  EXPECT_EQ(bob.get("/api/chat").json()[0].at("name"), "alice");
  EXPECT_EQ(
      bob.post("/api/chat", {{"chat_type", "Single"}, {"members", {alice.id()}}}).json().at("name"),
      "alice");
  ASSERT_EQ(bob.patch("/api/users/profile", {{"fullname", "Bob B."}}).status, 200);
  EXPECT_EQ(alice.get(path(chat)).json().at("name"), "Bob B.");
  EXPECT_EQ(alice.get("/api/chat").json()[0].at("name"), "Bob B.");
  const auto of_event = system.database->query("SELECT data->>'name' FROM outbox WHERE id = 1");
  EXPECT_STREQ(of_event[0][0].c_str(), "");
}

TEST_F(Chats, TheLastMessageNamesItsSenderAndSaysWhetherItHasFiles) {
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  const json file{{"files", {upload(system.database->owner_url(), bob.id(), "plan.pdf")}}};
  ASSERT_EQ(bob.tries_to_post(chat, file).status, 201);
  const auto last = alice.get("/api/chat").json()[0].at("last_message");
  EXPECT_EQ(last.at("sender_name"), "bob");
  EXPECT_EQ(last.at("has_files"), true);
  EXPECT_EQ(last.at("attachments")[0].at("name"), "plan.pdf");
}

TEST_F(Chats, APublicChannelStartsWithItsCreatorAlone) {
  const auto reply = alice.post("/api/chat", {{"name", "general"}, {"chat_type", "PublicChannel"}});
  ASSERT_EQ(reply.status, 201);
  EXPECT_EQ(reply.json().at("chat_members"), json{alice.id()});
  EXPECT_EQ(refused_field({{"name", "x"}, {"chat_type", "PublicChannel"}, {"members", {bob.id()}}}),
            "members");
}

TEST_F(Chats, NamesAreUniqueAmongThePublicChannelsOfAWorkspaceOnly) {
  alice.makes_chat("PublicChannel", {}, "General");
  const auto taken = bob.post("/api/chat", {{"name", "general"}, {"chat_type", "PublicChannel"}});
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.json().at("code"), "chat.name_taken");
  EXPECT_GT(bob.makes_chat("PrivateChannel", {}, "General"), 0);
  EXPECT_GT(alice.makes_chat("Group", {bob.id(), carol.id()}, "General"), 0);
  EXPECT_GT(mallory.makes_chat("PublicChannel", {}, "General"), 0);
}

// A refusal would show a non-member that the private channel exists.
TEST_F(Chats, TheNameOfAPrivateChannelCannotBeFoundOut) {
  alice.makes_chat("PrivateChannel", {bob.id()}, "Layoffs");
  const auto lobby = carol.makes_chat("PublicChannel", {}, "layoffs");
  alice.makes_chat("PrivateChannel", {bob.id()}, "Mergers");
  EXPECT_EQ(carol.patch(path(lobby), {{"name", "mergers"}}).status, 200);
}

TEST_F(Chats, EveryChatTypeButTheSingleNeedsAName) {
  EXPECT_EQ(refused_field({{"chat_type", "PublicChannel"}}), "name");
  EXPECT_EQ(refused_field({{"chat_type", "PublicChannel"}, {"name", std::string(129, 'x')}}),
            "name");
}

TEST_F(Chats, AnUnknownChatTypeIsRefused) {
  EXPECT_EQ(refused_field({{"chat_type", "Broadcast"}, {"name", "x"}}), "chat_type");
  EXPECT_EQ(refused_field({{"name", "x"}}), "chat_type");
}

TEST_F(Chats, MembersMustBeActiveUsersOfTheSameWorkspace) {
  system.database->query(
      fmt::format("UPDATE users SET status = 'suspended' WHERE id = {}", carol.id()));
  const auto reply =
      alice.post("/api/chat", {{"name", "team"},
                               {"chat_type", "Group"},
                               {"members", {bob.id(), carol.id(), mallory.id(), 987654}}});
  EXPECT_EQ(reply.status, 422);
  const std::string detail = reply.json().at("errors")[0].at("detail");
  EXPECT_THAT(detail, testing::HasSubstr(fmt::format("{}, {}, 987654", carol.id(), mallory.id())));
  EXPECT_EQ(system.database->number("SELECT count(*) FROM chats"), 0);
}

TEST_F(Chats, AChatIsNotFoundByNonMembers) {
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  for (const auto* outsider : {&carol, &mallory}) {
    for (const auto* rest : {"", "/members", "/messages"}) {
      const auto reply = outsider->get(path(chat, rest));
      EXPECT_EQ(reply.status, 404) << rest;
      EXPECT_EQ(reply.json().at("code"), "chat.not_found");
      EXPECT_EQ(outsider->get(path(chat + 1000, rest)).json().at("detail"),
                reply.json().at("detail"));
    }
    EXPECT_EQ(outsider->tries_to_post(chat, {{"content", "let me in"}}).status, 404);
    EXPECT_EQ(outsider->get("/api/chat").json(), json::array());
  }
}

TEST_F(Chats, ChatsAreListedByLastActivityWithTheirLastMessage) {
  const auto quiet = alice.makes_chat("Single", {bob.id()}, "");
  const auto busy = alice.makes_chat("Group", {bob.id(), carol.id()});
  alice.makes_chat("PrivateChannel", {}, "alone");
  bob.posts(quiet, "from long ago");
  bob.posts(busy, "one");
  auto last = bob.posts(busy, "two");
  last["content_truncated"] = false;
  last["sender_name"] = "bob";
  last["has_files"] = false;
  const auto list = alice.get("/api/chat").json();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_THAT(ids(list), ElementsAre(busy, quiet, testing::_));
  EXPECT_EQ(list[0].at("last_message"), last);
  EXPECT_EQ(list[0].at("unread_count"), 2);
  EXPECT_EQ(list[0].at("is_creator"), true);
  EXPECT_TRUE(list[0].at("counterpart").is_null());
  EXPECT_EQ(list[1].at("counterpart").at("fullname"), "bob");
  EXPECT_TRUE(list[2].at("last_message").is_null());
  EXPECT_EQ(bob.get("/api/chat").json()[0].at("is_creator"), false);
}

TEST_F(Chats, OwnMessagesCountAsRead) {
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  bob.posts(chat, "read by the sender of the answer");
  alice.posts(chat, "an answer");
  EXPECT_EQ(alice.get("/api/chat").json()[0].at("unread_count"), 0);
  EXPECT_EQ(bob.get("/api/chat").json()[0].at("unread_count"), 1);
}

TEST_F(Chats, MembersAreListedWithTheirRolesAndPaged) {
  const auto chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  const auto first = bob.get(path(chat, "/members?limit=2")).json();
  EXPECT_THAT(ids(first), ElementsAre(alice.id(), bob.id()));
  EXPECT_EQ(first[0].at("role"), "owner");
  EXPECT_EQ(first[1].at("role"), "member");
  EXPECT_EQ(first[1].at("user_id"), bob.id());
  EXPECT_EQ(first[1].at("status"), "Active");
  const auto rest = bob.get(path(chat, fmt::format("/members?after_id={}", bob.id()))).json();
  EXPECT_THAT(ids(rest), ElementsAre(carol.id()));
}

}  // namespace
}  // namespace fechatter::test
