#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "tests/search/searching.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

// A workspace of its own for each test, on the one system of the program.
class Changes : public testing::Test {
 protected:
  Changes() : system{searched_system()} {}

  static std::string workspace() {
    static int count = 0;
    return fmt::format("changing-{}", ++count);
  }
  std::string path(std::int64_t of, const std::string& rest = {}) const {
    return fmt::format("/api/chat/{}{}", of, rest);
  }
  std::string path_of(const json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", message.at("chat_id").get<std::int64_t>(),
                       id(message));
  }
  static std::int64_t id(const json& message) { return message.at("id"); }
  json edits(const Person& person, const json& message, const std::string& text) const {
    const auto reply = person.patch(path_of(message), {{"content", text}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  // No hit, no count and no facet.
  static bool finds_nothing(const Person& person, const std::string& query) {
    const auto answer = found(person, {{"q", query}});
    return answer.at("hits").empty() && answer.at("total") == 0 &&
           answer.at("facets").at("chat_id").empty();
  }
  std::int64_t public_channel(const std::string& name) const {
    return alice.makes_chat("PublicChannel", {}, name);
  }

  System& system;
  std::string company = workspace();
  Person alice = system.signs_up("alice", company);
  Person bob = system.signs_up("bob", company);
  Person carol = system.signs_up("carol", company);
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(Changes, ANewMessageIsFoundByItsMembers) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  EXPECT_TRUE(finds(alice, "lighthouse", {id(message)}));
  EXPECT_TRUE(finds(bob, "lighthouse", {id(message)}));
  EXPECT_TRUE(finds_nothing(carol, "lighthouse"));
}

TEST_F(Changes, AReplayedMessageIsFoundOnce) {
  const json draft{{"content", "the lighthouse burns"},
                   {"idempotency_key", "9b2a3a3e-7a0c-4a8f-9a55-3f3c66a3b0a1"}};
  const auto first = alice.tries_to_post(chat, draft).json();
  alice.tries_to_post(chat, draft);
  EXPECT_TRUE(finds(bob, "lighthouse", {id(first)}));
  EXPECT_EQ(found(bob, {{"q", "lighthouse"}}).at("total"), 1);
}

TEST_F(Changes, AnEditedMessageIsFoundByItsNewTextOnly) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  edits(alice, message, "the windmill burns");
  EXPECT_TRUE(finds(bob, "windmill", {id(message)}));
  EXPECT_TRUE(finds(bob, "lighthouse", {}));
  EXPECT_TRUE(finds(bob, "burns", {id(message)}));
  EXPECT_EQ(found(bob, {{"q", "burns"}}).at("hits").at(0).at("content"), "the windmill burns");
}

TEST_F(Changes, TheLastOfManyEditsIsIndexed) {
  const auto message = alice.posts(chat, "draft zero");
  for (int i = 1; i <= 20; ++i) edits(alice, message, fmt::format("draft number{}", i));
  EXPECT_TRUE(finds(bob, "number20", {id(message)}));
  EXPECT_TRUE(finds(bob, "\"number19\"", {}));
  EXPECT_TRUE(finds(bob, "draft", {id(message)}));
}

TEST_F(Changes, ADeletedMessageIsHidden) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  const auto other = alice.posts(chat, "another lighthouse");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message), id(other)}));
  ASSERT_EQ(alice.remove(path_of(message)).status, 204);
  EXPECT_TRUE(finds(bob, "lighthouse", {id(other)}));
  const auto answer = found(bob, {{"q", "lighthouse"}});
  EXPECT_EQ(answer.at("total"), 1);
  EXPECT_EQ(answer.at("facets").at("chat_id"), (json{{std::to_string(chat), 1}}));
}

TEST_F(Changes, ADeletedMessageMatchesNoFilter) {
  const auto message = alice.posts(chat, "see https://lighthouse.example/");
  ASSERT_TRUE(finds(bob, "has:link", {id(message)}));
  ASSERT_EQ(alice.remove(path_of(message)).status, 204);
  EXPECT_TRUE(finds(bob, "has:link", {}));
  EXPECT_TRUE(finds(bob, "from:alice", {}));
}

TEST_F(Changes, AMessageThatIsEditedAndDeletedStaysHidden) {
  for (int i = 0; i < 10; ++i) {
    const auto message = bob.posts(chat, "the lighthouse burns");
    std::thread editing{[&] {
      bob.patch(path_of(message), {{"content", "the lighthouse burns down"}});
    }};
    EXPECT_EQ(alice.remove(path_of(message)).status, 204);
    editing.join();
  }
  const auto marker = bob.posts(chat, "the windmill turns");
  ASSERT_TRUE(finds(bob, "windmill", {id(marker)}));
  EXPECT_TRUE(finds(bob, "lighthouse", {}));
}

TEST_F(Changes, ALongMessageIsFoundByItsLastWord) {
  std::string text;
  for (int i = 0; i < 1200; ++i) text += fmt::format("word{} ", i);
  const auto message = alice.posts(chat, text + "lighthouse");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  const auto highlight =
      found(bob, {{"q", "lighthouse"}}).at("hits").at(0).at("highlight").get<std::string>();
  EXPECT_THAT(highlight, testing::HasSubstr("<mark>lighthouse</mark>"));
  EXPECT_THAT(highlight, testing::HasSubstr("…"));
  EXPECT_LT(highlight.size(), 1000U);
}

TEST_F(Changes, AFormerMemberFindsNothingOfTheChatAtOnce) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  ASSERT_EQ(bob.post(path(chat, "/leave"), json::object()).status, 204);
  EXPECT_TRUE(finds_nothing(bob, "lighthouse"));
  EXPECT_TRUE(finds_nothing(bob, "from:alice"));
  EXPECT_EQ(refused_field(search(bob, {{"q", "lighthouse in:plans"}})), "q");
  EXPECT_EQ(search(bob, {{"q", "lighthouse"}, {"chat_id", std::to_string(chat)}}).status, 404);
  EXPECT_EQ(bob.get(path(chat, "/messages/search?q=lighthouse")).status, 404);
}

TEST_F(Changes, ARemovedMemberFindsNothingOfTheChatAtOnce) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  ASSERT_EQ(alice.remove(path(chat, "/members"), json{bob.id()}).status, 204);
  EXPECT_TRUE(finds_nothing(bob, "lighthouse"));
}

TEST_F(Changes, ANewMemberOfAPublicChannelFindsOlderMessages) {
  const auto lobby = public_channel("lobby");
  const auto message = alice.posts(lobby, "the lighthouse burns");
  ASSERT_TRUE(finds(alice, "lighthouse", {id(message)}));
  EXPECT_TRUE(finds_nothing(bob, "lighthouse"));
  ASSERT_EQ(bob.post(path(lobby, "/join"), json::object()).status, 200);
  EXPECT_TRUE(finds(bob, "lighthouse", {id(message)}));
}

TEST_F(Changes, AnAddedMemberFindsOlderMessages) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_EQ(alice.post(path(chat, "/members"), json{carol.id()}).status, 201);
  EXPECT_TRUE(finds(carol, "lighthouse in:plans", {id(message)}));
}

TEST_F(Changes, AReturningMemberFindsAllMessagesAgain) {
  const auto before = alice.posts(chat, "the lighthouse burns");
  ASSERT_EQ(alice.remove(path(chat, "/members"), json{bob.id()}).status, 204);
  const auto meanwhile = alice.posts(chat, "the lighthouse is rebuilt");
  EXPECT_TRUE(finds_nothing(bob, "lighthouse"));
  ASSERT_EQ(alice.post(path(chat, "/members"), json{bob.id()}).status, 201);
  EXPECT_TRUE(finds(bob, "lighthouse", {id(before), id(meanwhile)}));
}

TEST_F(Changes, MessagesOfAFormerMemberAreFoundByMembers) {
  const auto message = bob.posts(chat, "the lighthouse burns");
  ASSERT_EQ(bob.post(path(chat, "/leave"), json::object()).status, 204);
  EXPECT_TRUE(finds(alice, "lighthouse", {id(message)}));
  EXPECT_TRUE(finds(alice, "from:bob", {id(message)}));
}

TEST_F(Changes, ADeletedChatIsHidden) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  ASSERT_EQ(alice.remove(path(chat)).status, 204);
  EXPECT_TRUE(finds(alice, "lighthouse", {}));
  EXPECT_TRUE(finds(bob, "lighthouse", {}));
  EXPECT_EQ(search(bob, {{"q", "lighthouse"}, {"chat_id", std::to_string(chat)}}).status, 404);
}

TEST_F(Changes, ARenamedChatIsFoundByItsNewName) {
  const auto message = alice.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(bob, "lighthouse", {id(message)}));
  ASSERT_EQ(alice.patch(path(chat), {{"name", "secrets"}}).status, 200);
  EXPECT_TRUE(finds(bob, "lighthouse in:secrets", {id(message)}));
  EXPECT_EQ(refused_field(search(bob, {{"q", "lighthouse in:plans"}})), "q");
  EXPECT_EQ(found(bob, {{"q", "lighthouse"}}).at("hits").at(0).at("chat_name"), "secrets");
}

TEST_F(Changes, ARenamedSenderIsFoundByTheNewName) {
  const auto message = bob.posts(chat, "the lighthouse burns");
  ASSERT_TRUE(finds(alice, "lighthouse", {id(message)}));
  ASSERT_EQ(bob.patch("/api/users/profile", {{"fullname", "Robert Keeper"}}).status, 200);
  EXPECT_TRUE(finds(alice, "lighthouse from:keeper", {id(message)}));
  EXPECT_EQ(found(alice, {{"q", "lighthouse"}}).at("hits").at(0).at("sender_name"),
            "Robert Keeper");
}

TEST_F(Changes, ASuspendedUserCannotSearch) {
  ASSERT_EQ(
      alice.patch(fmt::format("/api/workspace/members/{}", bob.id()), {{"status", "Suspended"}})
          .status,
      200);
  EXPECT_TRUE(eventually(
      [&] {
        return search(bob, {{"q", "lighthouse"}}).status == 401;
      },
      change_deadline));
}

TEST_F(Changes, MessagesOfASuspendedUserAreFoundByMembers) {
  const auto message = bob.posts(chat, "the lighthouse burns");
  ASSERT_EQ(
      alice.patch(fmt::format("/api/workspace/members/{}", bob.id()), {{"status", "Suspended"}})
          .status,
      200);
  EXPECT_TRUE(finds(alice, "lighthouse", {id(message)}));
}

TEST_F(Changes, ACursorDoesNotRepeatMessagesThatNewOnesPushDown) {
  Ids posted;
  for (int i = 0; i < 4; ++i) posted.insert(id(alice.posts(chat, "the lighthouse burns")));
  ASSERT_TRUE(finds(bob, "lighthouse", posted));
  const auto first = found(bob, {{"q", "lighthouse"}, {"limit", "2"}});
  auto all = posted;
  all.insert(id(alice.posts(chat, "the lighthouse is out")));
  ASSERT_TRUE(finds(bob, "lighthouse", all));
  const auto second =
      found(bob, {{"q", "lighthouse"}, {"limit", "2"}, {"cursor", first.at("next_cursor")}});
  Ids seen;
  for (const auto* page : {&first, &second}) {
    for (const auto& hit : page->at("hits")) seen.insert(hit.at("id").get<std::int64_t>());
  }
  EXPECT_EQ(seen, posted);
}

TEST_F(Changes, AMessageThatAnotherServerAcceptedIsFound) {
  auto other = system.another_server();
  other.start();
  const auto reply = request(other.port(), "POST", path(chat, "/messages"),
                             json{{"content", "the lighthouse burns"}}, alice.bearer());
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(finds(bob, "lighthouse", {id(reply.json())}));
  EXPECT_EQ(other.stop(), 0);
}

// Events that the killed server had fetched are redelivered after the ack wait: 5 s with
// PostgreSQL, 60 s with Meilisearch.
constexpr std::chrono::seconds redelivery_deadline{75};

TEST_F(Changes, EventsInFlightAtACrashAreRedeliveredAndIndexed) {
  Ids posted;
  for (int i = 0; i < 20; ++i) posted.insert(id(alice.posts(chat, "the lighthouse burns")));
  system.server.kill();
  system.server.start();
  EXPECT_TRUE(eventually(
      [&] {
        return search(bob, {{"q", "lighthouse"}}).status == 200 &&
               ids_found(bob, "lighthouse") == posted;
      },
      redelivery_deadline));
}

}  // namespace
}  // namespace fechatter::test
