#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

SystemOptions with_limits(const std::string& made, const std::string& added) {
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_CHATS__MADE_PER_DAY", made},
                    {"FECHATTER_CHATS__ADDED_PER_DAY", added}};
  return options;
}

// Limits of a day, and blocks.
class PeopleLimits : public testing::Test {
 protected:
  static std::string path(std::int64_t chat, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  static std::string block_path(const Person& person) {
    return fmt::format("/api/users/{}/block", person.id());
  }
  Reply make(const Person& by, const std::string& type, const std::vector<std::int64_t>& members) {
    return by.post("/api/chat", {{"chat_type", type},
                                 {"name", fmt::format("chat {}", ++chats_made)},
                                 {"members", members}});
  }
  static void expect_limit_of_today(const Reply& reply) {
    EXPECT_EQ(reply.status, 429) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "chat.daily_limit");
    const auto seconds = std::stoi(reply.header("retry-after"));
    EXPECT_GT(seconds, 0);
    EXPECT_LE(seconds, 24 * 3600);
  }
  Reply put(const Person& by, const std::string& target) {
    return system.send("PUT", target, {}, by.bearer());
  }

  System system{with_limits("3", "5")};
  TestDatabase& database = *system.database;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");
  Person mallory = system.signs_up("mallory", "another company");
  int chats_made = 0;
};

TEST_F(PeopleLimits, AUserMakesSoManyChatsInADay) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(make(alice, "PrivateChannel", {}).status, 201);
  expect_limit_of_today(make(alice, "PrivateChannel", {}));
  EXPECT_EQ(database.number("SELECT count(*) FROM chats"), 3);
  EXPECT_EQ(make(bob, "PrivateChannel", {}).status, 201);
  database.query("UPDATE daily_usage SET day = day - 1");
  EXPECT_EQ(make(alice, "PrivateChannel", {}).status, 201);
  EXPECT_EQ(database.number("SELECT chats_made FROM daily_usage WHERE user_id = " +
                            std::to_string(alice.id())),
            1);
}

TEST_F(PeopleLimits, ARefusedChatIsNotCounted) {
  EXPECT_EQ(make(alice, "Group", {bob.id(), mallory.id()}).status, 422);
  bob.makes_chat("PublicChannel", {}, "lobby");
  const json taken{{"chat_type", "PublicChannel"}, {"name", "Lobby"}};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(alice.post("/api/chat", taken).status, 409);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(make(alice, "PrivateChannel", {}).status, 201);
}

TEST_F(PeopleLimits, AUserAddsSoManyPeopleInADay) {
  const std::int64_t chat = make(alice, "Group", {bob.id(), carol.id()}).json().at("id");
  EXPECT_EQ(alice.post(path(chat, "/members"), {dave.id(), bob.id()}).status, 201);
  EXPECT_EQ(make(alice, "Group", {bob.id(), carol.id()}).status, 201);
  alice.remove(path(chat, "/members"), json{dave.id()});
  expect_limit_of_today(alice.post(path(chat, "/members"), json{dave.id()}));
  expect_limit_of_today(make(alice, "Single", {bob.id()}));
  EXPECT_EQ(make(alice, "PublicChannel", {}).status, 201);
}

TEST_F(PeopleLimits, AFormerMemberMayBeAddedAgain) {
  const std::int64_t chat = make(alice, "Group", {bob.id(), carol.id()}).json().at("id");
  ASSERT_EQ(bob.post(path(chat, "/leave"), json::object()).status, 204);
  EXPECT_EQ(alice.post(path(chat, "/members"), json{bob.id()}).status, 201);
  EXPECT_EQ(bob.get(path(chat)).status, 200);
}

TEST_F(PeopleLimits, ABlockedUserNeitherAddsTheBlockerNorOpensASingle) {
  const std::int64_t group = make(bob, "Group", {carol.id(), dave.id()}).json().at("id");
  ASSERT_EQ(put(alice, block_path(bob)).status, 204);
  EXPECT_EQ(put(alice, block_path(bob)).status, 204);
  for (const auto& reply :
       {make(bob, "Single", {alice.id()}), make(bob, "Group", {alice.id(), carol.id()}),
        make(bob, "PrivateChannel", {alice.id()}),
        bob.post(path(group, "/members"), json{alice.id()})}) {
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), "members");
    EXPECT_THAT(reply.body, HasSubstr(std::to_string(alice.id())));
  }
  EXPECT_EQ(alice.get("/api/chat").json(), json::array());
  ASSERT_EQ(alice.remove(block_path(bob)).status, 204);
  EXPECT_EQ(make(bob, "Single", {alice.id()}).status, 201);
}

TEST_F(PeopleLimits, ABlockLeavesTheBlockerAndSharedChatsFree) {
  const std::int64_t single = make(bob, "Single", {alice.id()}).json().at("id");
  put(alice, block_path(bob));
  EXPECT_EQ(make(bob, "Single", {alice.id()}).json().at("id"), single);
  EXPECT_EQ(bob.tries_to_post(single, {{"content", "still here"}}).status, 201);
  EXPECT_EQ(make(alice, "PrivateChannel", {bob.id()}).status, 201);
  EXPECT_EQ(make(carol, "Group", {alice.id(), bob.id()}).status, 201);
}

TEST_F(PeopleLimits, ABlockIsOfAnotherUserOfTheWorkspace) {
  EXPECT_EQ(put(alice, block_path(mallory)).status, 404);
  EXPECT_EQ(alice.remove(block_path(mallory)).status, 404);
  EXPECT_EQ(put(alice, "/api/users/987654/block").status, 404);
  const auto own = put(alice, block_path(alice));
  EXPECT_EQ(own.status, 422);
  EXPECT_EQ(own.json().at("errors")[0].at("field"), "id");
}

TEST_F(PeopleLimits, BlocksAreLimited) {
  database.query(
      "INSERT INTO users (workspace_id, fullname, email, password_hash) SELECT 1, 'x',"
      " 'x' || i || '@x.example', 'x' FROM generate_series(1, 1000) i;"
      "INSERT INTO blocks (user_id, blocked_id, workspace_id) SELECT a.id, x.id, 1"
      " FROM users a, users x WHERE a.fullname = 'alice' AND x.fullname = 'x'");
  EXPECT_EQ(put(alice, block_path(bob)).status, 422);
  EXPECT_EQ(put(bob, block_path(alice)).status, 204);
}

}  // namespace
}  // namespace fechatter::test
