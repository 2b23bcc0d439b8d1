#include <fmt/format.h>
#include <gmock/gmock.h>

#include <limits>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class Mentions : public testing::Test {
 protected:
  json posts(const json& body) {
    const auto reply = alice.tries_to_post(chat, body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.json();
  }
  static json range(const json& user, int offset, int length) {
    return {{"user_id", user}, {"offset", offset}, {"length", length}};
  }
  static json range_alone(const json& user, int offset, int length) {
    return json::array({range(user, offset, length)});
  }
  std::string path(const json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<std::int64_t>());
  }
  static std::vector<std::string> texts(const Reply& mentions) {
    std::vector<std::string> found;
    for (const auto& one : mentions.json()) found.push_back(one.at("message").at("content"));
    return found;
  }
  // The field that a refusal names; its status without one.
  static std::string refused(const Reply& reply) {
    const auto problem = reply.json();
    if (!problem.contains("errors")) return std::to_string(reply.status);
    return problem.at("errors")[0].at("field");
  }
  Person joins(const std::string& fullname, const std::string& mail) {
    const auto reply = system.post("/api/signup", {{"fullname", fullname},
                                                   {"email", mail + "@acme.example"},
                                                   {"password", password_of(mail)},
                                                   {"workspace", "acme"}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    return {system, reply.json()};
  }
  // Adds people without sessions to the chat.
  void grows_by(int people) {
    system.database->query(fmt::format(
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@many.example', 'x' FROM generate_series(1, {}) i;"
        "SELECT insert_members({}, ARRAY(SELECT id FROM users WHERE fullname LIKE 'user %'), 200)",
        people, chat));
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("Bob");
  Person bob_adams = joins("Bob Adams", "adams");
  Person dave = system.signs_up("dave");  // not a member
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), bob_adams.id()});
};

TEST_F(Mentions, TheLongestFullNameCountsWithoutCase) {
  const auto message = posts({{"content", "hi @bob adams, and @BOB"}});
  EXPECT_EQ(message.at("mentions"), json({bob.id(), bob_adams.id()}));
  EXPECT_EQ(message.at("mention_ranges"),
            json({range(bob_adams.id(), 3, 10), range(bob.id(), 19, 4)}));
  EXPECT_EQ(bob.get(path(message)).json(), message);
}

TEST_F(Mentions, ANonMemberIsNotMentionedByName) {
  EXPECT_THAT(posts({{"content", "@dave"}}).at("mentions"), IsEmpty());
  EXPECT_EQ(refused(alice.tries_to_post(chat, {{"content", "x"}, {"mentions", {dave.id()}}})),
            "mentions");
  EXPECT_EQ(refused(alice.tries_to_post(
                chat, {{"content", "@dave"}, {"mention_ranges", range_alone(dave.id(), 0, 5)}})),
            "mention_ranges");
}

TEST_F(Mentions, AnAmbiguousNameNeedsAnId) {
  const auto second = joins("BOB", "second");
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), json{second.id()}).status, 201);
  EXPECT_THAT(posts({{"content", "@Bob"}}).at("mention_ranges"), IsEmpty());
  const auto named = posts({{"content", "@Bob"}, {"mentions", {second.id()}}});
  EXPECT_EQ(named.at("mention_ranges"), range_alone(second.id(), 0, 4));
  const auto given = posts({{"content", "@Bob"}, {"mention_ranges", range_alone(bob.id(), 0, 4)}});
  EXPECT_EQ(given.at("mention_ranges"), range_alone(bob.id(), 0, 4));
}

TEST_F(Mentions, TheRangesOfTheClientWinIfTheyMatch) {
  const json shorter{{"content", "@Bob Adams"}, {"mention_ranges", range_alone(bob.id(), 0, 4)}};
  EXPECT_EQ(posts(shorter).at("mention_ranges"), range_alone(bob.id(), 0, 4));
  const json wrong{{"content", "@Bob Adams"}, {"mention_ranges", range_alone(alice.id(), 0, 4)}};
  EXPECT_EQ(posts(wrong).at("mention_ranges"), range_alone(bob_adams.id(), 0, 10));
  const json in_code{{"content", "`@Bob`"}, {"mention_ranges", range_alone(bob.id(), 1, 4)}};
  EXPECT_THAT(posts(in_code).at("mention_ranges"), IsEmpty());
}

TEST_F(Mentions, AMalformedRangeIsRefused) {
  const auto refusal = [&](const json& ranges) {
    return refused(alice.tries_to_post(chat, {{"content", "@Bob"}, {"mention_ranges", ranges}}));
  };
  EXPECT_EQ(refusal("x"), "mention_ranges");
  EXPECT_EQ(refusal(json::array({1})), "mention_ranges[0]");
  EXPECT_EQ(refusal(range_alone(bob.id(), 0, 5)), "mention_ranges[0]");
  EXPECT_EQ(refusal(range_alone(bob.id(), -1, 4)), "mention_ranges[0].offset");
  EXPECT_EQ(refusal(range_alone("some", 0, 4)), "mention_ranges[0].user_id");
  EXPECT_EQ(refusal(range_alone(bob.id(), std::numeric_limits<int>::max(), 4)),
            "mention_ranges[0]");
  EXPECT_EQ(refusal(json(std::size_t{101}, range(bob.id(), 0, 4))), "mention_ranges");
}

TEST_F(Mentions, ReachTheSessionsOfThoseMentionedAlone) {
  auto mentioned = bob.subscribes();
  auto other = bob_adams.subscribes();
  auto sender = alice.subscribes();
  const auto message = posts({{"content", "@Bob and @alice"}});
  const auto event = mentioned.next("Mentioned");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("message_id"), message.at("id"));
  EXPECT_EQ(event->data.at("reason"), "mention");
  const auto to_all = posts({{"content", "@all"}});
  // The first mention that the others get.
  for (auto* stream : {&other, &sender}) {
    const auto next = stream->next("Mentioned");
    ASSERT_TRUE(next);
    EXPECT_EQ(next->data.at("message_id"), to_all.at("id"));
    EXPECT_EQ(next->data.at("reason"), "all");
  }
}

TEST_F(Mentions, OfAllMembersAreCountedFromTheMessage) {
  const auto message = posts({{"content", "@here @all"}});
  EXPECT_EQ(message.at("mention_ranges"), json({range("here", 0, 5), range("all", 6, 4)}));
  EXPECT_EQ(system.database->number("SELECT count(*) FROM message_mentions"), 0);
  const auto list = bob.get("/api/mentions").json();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].at("message"), message);
  EXPECT_EQ(list[0].at("chat_id"), chat);
  EXPECT_EQ(list[0].at("read"), false);
  EXPECT_EQ(system.database->number(
                fmt::format("SELECT mentions FROM read_state({}, {})", chat, bob.id())),
            1);
  EXPECT_THAT(alice.get("/api/mentions").json(), IsEmpty());
  // A later member was not meant.
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), json{dave.id()}).status, 201);
  EXPECT_THAT(dave.get("/api/mentions").json(), IsEmpty());
}

TEST_F(Mentions, ByNameAndWithAllOthersAreOneUnreadMention) {
  const auto unread = [this] {
    return bob.get("/api/unread-counts").json().at("data")[0].at("mention_count").get<int>();
  };
  posts({{"content", "@Bob and @all"}});
  const auto edited = posts({{"content", "@Bob"}});
  ASSERT_EQ(alice.patch(path(edited), {{"content", "@Bob and @all"}}).status, 200);
  EXPECT_EQ(unread(), 2);
  ASSERT_EQ(alice.patch(path(edited), {{"content", "@Bob"}}).status, 200);
  EXPECT_EQ(unread(), 2);
  ASSERT_EQ(alice.patch(path(edited), {{"content", "hello"}}).status, 200);
  EXPECT_EQ(unread(), 1);
}

TEST_F(Mentions, OfManyMembersAreConfirmed) {
  grows_by(47);
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", "50 @all"}}).status, 201);
  system.database->query(
      "INSERT INTO users (workspace_id, fullname, email, password_hash)"
      " VALUES (1, 'one more', 'more@many.example', 'x')");
  system.database->query(fmt::format(
      "SELECT insert_members({}, ARRAY(SELECT id FROM users WHERE fullname = 'one more'), 200)",
      chat));
  for (const auto* text : {"51 @all", "51 @here"}) {
    EXPECT_EQ(refused(alice.tries_to_post(chat, {{"content", text}})), "confirm_everyone");
    EXPECT_EQ(alice.tries_to_post(chat, {{"content", text}, {"confirm_everyone", true}}).status,
              201);
  }
  const auto plain = posts({{"content", "hello"}});
  EXPECT_EQ(refused(alice.patch(path(plain), {{"content", "@all"}})), "confirm_everyone");
  EXPECT_EQ(alice.get(path(plain)).json(), plain);
}

TEST_F(Mentions, OfAllMembersMayBeForbidden) {
  system.database->query("UPDATE chats SET everyone_mentions = false");
  EXPECT_EQ(refused(alice.tries_to_post(chat, {{"content", "@all"}, {"confirm_everyone", true}})),
            "403");
  EXPECT_THAT(posts({{"content", "`@all`"}}).at("mention_ranges"), IsEmpty());
}

TEST_F(Mentions, AnEditNotifiesTheMembersThatItAdds) {
  const auto message = posts({{"content", "@Bob"}});
  auto before = bob.subscribes();
  auto added = bob_adams.subscribes();
  const auto edited = alice.patch(path(message), {{"content", "@Bob and @Bob Adams"}});
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(edited.json().at("mentions"), json({bob.id(), bob_adams.id()}));
  ASSERT_TRUE(added.next("Mentioned"));
  const auto marker = posts({{"content", "@all"}});
  EXPECT_EQ(before.next("Mentioned")->data.at("message_id"), marker.at("id"));
  ASSERT_EQ(alice.patch(path(message), {{"content", "nobody"}}).status, 200);
  EXPECT_THAT(texts(bob.get("/api/mentions")), ElementsAre("@all"));
}

TEST_F(Mentions, AnEditKeepsWhatHasNoPlaceInTheText) {
  const auto message = posts({{"content", "look"}, {"mentions", {bob.id()}}});
  const auto edited = alice.patch(path(message), {{"content", "look here"}}).json();
  EXPECT_EQ(edited.at("mentions"), json::array({bob.id()}));
  const json without{{"content", "look away"}, {"mentions", json::array()}};
  EXPECT_THAT(alice.patch(path(message), without).json().at("mentions"), IsEmpty());
}

TEST_F(Mentions, AreListedInPagesAndByWhetherTheyAreRead) {
  for (const auto* text : {"1 @Bob", "2 @Bob", "3 @all"}) posts({{"content", text}});
  bob.posts(chat, "I have read that");
  posts({{"content", "4 @Bob"}});
  EXPECT_THAT(texts(bob.get("/api/mentions?unread=true")), ElementsAre("4 @Bob"));
  const auto first = bob.get("/api/mentions?limit=2");
  EXPECT_THAT(texts(first), ElementsAre("4 @Bob", "3 @all"));
  const auto rest = bob.get("/api/mentions?limit=2&before=" + first.header("x-next-cursor"));
  EXPECT_THAT(texts(rest), ElementsAre("2 @Bob", "1 @Bob"));
  EXPECT_EQ(rest.json()[0].at("read"), true);
  EXPECT_EQ(rest.header("x-next-cursor"), "");
  EXPECT_EQ(bob.get("/api/mentions?unread=1").status, 422);
}

TEST_F(Mentions, EndWithTheMessageAndTheMembership) {
  const auto message = posts({{"content", "@Bob @all"}});
  posts({{"content", "@Bob again"}});
  ASSERT_EQ(alice.remove(path(message)).status, 204);
  EXPECT_THAT(texts(bob.get("/api/mentions")), ElementsAre("@Bob again"));
  const auto tombstone = alice.get(path(message)).json();
  EXPECT_THAT(tombstone.at("mention_ranges"), IsEmpty());
  EXPECT_THAT(tombstone.at("mentions"), IsEmpty());
  ASSERT_EQ(bob.post(fmt::format("/api/chat/{}/leave", chat), json::object()).status, 204);
  EXPECT_THAT(bob.get("/api/mentions").json(), IsEmpty());
}

TEST_F(Mentions, ARenamedMemberIsFoundByTheNewName) {
  ASSERT_EQ(bob.patch("/api/users/profile", {{"fullname", "Robert Ünal"}}).status, 200);
  EXPECT_THAT(posts({{"content", "@Bob"}}).at("mentions"), IsEmpty());
  EXPECT_EQ(posts({{"content", "@robert u\u0308nal!"}}).at("mentions"), json::array({bob.id()}));
}

}  // namespace
}  // namespace fechatter::test
