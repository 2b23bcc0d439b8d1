#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class Threads : public testing::Test {
 protected:
  json replies(const Person& sender, const json& to, const std::string& text, bool also = true) {
    json body{{"content", text}, {"reply_to", to.at("id")}};
    if (!also) body["also_to_chat"] = false;
    const auto reply = sender.tries_to_post(chat, body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.json();
  }
  std::string path(const json& message, const std::string& rest = "") const {
    return fmt::format("/api/chat/{}/messages/{}{}", chat, message.at("id").get<std::int64_t>(),
                       rest);
  }
  json thread(const Person& reader, const json& message, const std::string& query = "") const {
    const auto reply = reader.get(path(message, "/thread" + query));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  static std::vector<std::string> texts(const json& messages) {
    std::vector<std::string> found;
    for (const auto& message : messages) found.push_back(message.at("content"));
    return found;
  }
  Reply puts(const Person& by, const std::string& target) {
    return system.send("PUT", target, {}, by.bearer());
  }
  json listed_root(const json& root) { return bob.get(path(root)).json(); }
  json followed(const Person& by) { return by.get("/api/threads").json(); }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  std::string messages = fmt::format("/api/chat/{}/messages", chat);
};

TEST_F(Threads, AReplyToAReplyBelongsToTheSameThread) {
  const auto root = alice.posts(chat, "root");
  const auto first = replies(bob, root, "first");
  const auto second = replies(carol, first, "second");
  EXPECT_EQ(first.at("thread_root_id"), root.at("id"));
  EXPECT_EQ(second.at("thread_root_id"), root.at("id"));
  EXPECT_EQ(second.at("reply_to"), first.at("id"));
  const auto summary = listed_root(root).at("thread");
  EXPECT_EQ(summary.at("reply_count"), 2);
  EXPECT_EQ(summary.at("last_reply_at"), second.at("created_at"));
  EXPECT_EQ(summary.at("repliers"), json({carol.id(), bob.id()}));
  EXPECT_TRUE(listed_root(first).at("thread").is_null());
  for (const auto& any : {root, first, second}) {
    EXPECT_EQ(thread(alice, any).at("root").at("content"), "root");
    EXPECT_THAT(texts(thread(alice, any).at("replies")), ElementsAre("second", "first"));
  }
}

TEST_F(Threads, MembersGetThreadUpdatedAsTheRootHasIt) {
  const auto root = alice.posts(chat, "root");
  auto stream = carol.subscribes();
  const auto reply = replies(bob, root, "reply");
  const auto event = stream.next("ThreadUpdated");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("message_id"), root.at("id"));
  const auto counted = listed_root(root).at("thread");
  for (const auto& [name, value] : counted.items()) EXPECT_EQ(event->data.at(name), value) << name;
  ASSERT_EQ(bob.remove(path(reply)).status, 204);
  const auto emptied = stream.next("ThreadUpdated");
  ASSERT_TRUE(emptied);
  const auto none = listed_root(root).at("thread");
  EXPECT_EQ(none,
            json({{"reply_count", 0}, {"last_reply_at", nullptr}, {"repliers", json::array()}}));
  for (const auto& [name, value] : none.items()) EXPECT_EQ(emptied->data.at(name), value) << name;
}

TEST_F(Threads, APageGoesOnInEitherDirection) {
  const auto root = alice.posts(chat, "root");
  std::vector<json> sent;
  for (const auto* text : {"1", "2", "3", "4"}) sent.push_back(replies(bob, root, text));
  const auto id = [](const json& message) { return message.at("id").get<std::int64_t>(); };
  EXPECT_THAT(texts(thread(alice, root, "?limit=2").at("replies")), ElementsAre("4", "3"));
  const auto before = fmt::format("?limit=2&before={}", id(sent[2]));
  EXPECT_THAT(texts(thread(alice, root, before).at("replies")), ElementsAre("2", "1"));
  const auto after = fmt::format("?limit=2&after={}", id(root));
  EXPECT_THAT(texts(thread(alice, root, after).at("replies")), ElementsAre("2", "1"));
  const auto outside = alice.posts(chat, "another");
  EXPECT_EQ(alice.get(path(root, fmt::format("/thread?before={}", id(outside)))).status, 422);
  EXPECT_EQ(alice.get(path(root, "/thread?before=1&after=1")).status, 422);
}

TEST_F(Threads, AReplyInItsThreadAloneIsNeitherListedNorUnread) {
  const auto root = alice.posts(chat, "root");
  ASSERT_EQ(carol.get("/api/chat").json()[0].at("unread_count"), 1);
  const auto hidden = replies(bob, root, "aside", false);
  EXPECT_EQ(hidden.at("seq"), 2);
  EXPECT_EQ(hidden.at("also_to_chat"), false);
  EXPECT_THAT(texts(carol.get(messages).json()), ElementsAre("root"));
  const auto listed = carol.get("/api/chat").json()[0];
  EXPECT_EQ(listed.at("unread_count"), 1);
  EXPECT_EQ(listed.at("last_message").at("content"), "root");
  // Bob has not read the chat by that.
  EXPECT_EQ(bob.get("/api/chat").json()[0].at("unread_count"), 1);
  EXPECT_THAT(texts(thread(carol, root).at("replies")), ElementsAre("aside"));
  replies(bob, root, "to all");
  EXPECT_THAT(texts(carol.get(messages).json()), ElementsAre("to all", "root"));
  EXPECT_EQ(carol.get("/api/chat").json()[0].at("unread_count"), 2);
}

TEST_F(Threads, OnlyAReplyMayStayOutOfTheChat) {
  const auto refused = alice.tries_to_post(chat, {{"content", "x"}, {"also_to_chat", false}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json().at("errors")[0].at("field"), "also_to_chat");
  EXPECT_THAT(alice.get(messages).json(), IsEmpty());
}

TEST_F(Threads, AreFollowedByAuthorRepliersAndMentioned) {
  const auto root = alice.posts(chat, "root");
  EXPECT_THAT(followed(alice), IsEmpty());
  replies(bob, root, "one");
  replies(bob, root, "two @carol");
  const auto alices = followed(alice);
  ASSERT_EQ(alices.size(), 1U);
  EXPECT_EQ(alices[0].at("root"), listed_root(root));
  EXPECT_EQ(alices[0].at("chat_id"), chat);
  EXPECT_EQ(alices[0].at("unread_count"), 2);
  EXPECT_EQ(followed(bob)[0].at("unread_count"), 0);
  EXPECT_EQ(followed(carol)[0].at("unread_count"), 1);
  EXPECT_THAT(followed(dave), IsEmpty());
}

TEST_F(Threads, AnUnfollowedThreadIsFollowedAgainByAReplyOfOnesOwn) {
  const auto root = alice.posts(chat, "root");
  replies(bob, root, "one");
  EXPECT_EQ(alice.remove(path(root, "/follow")).status, 204);
  EXPECT_THAT(followed(alice), IsEmpty());
  replies(bob, root, "two @alice");
  EXPECT_THAT(followed(alice), IsEmpty());
  replies(alice, root, "three");
  EXPECT_EQ(followed(alice).size(), 1U);
}

TEST_F(Threads, WhatIsThereIsReadWhenAThreadIsFollowed) {
  const auto root = alice.posts(chat, "root");
  const auto reply = replies(bob, root, "one");
  auto phone = carol.subscribes();
  EXPECT_EQ(puts(carol, path(reply, "/follow")).status, 204);
  const auto event = phone.next("ThreadFollowUpdated");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("message_id"), root.at("id"));
  EXPECT_EQ(event->data.at("following"), true);
  EXPECT_EQ(event->data.at("last_read_seq"), reply.at("seq"));
  EXPECT_EQ(followed(carol)[0].at("unread_count"), 0);
  replies(bob, root, "two");
  EXPECT_EQ(followed(carol)[0].at("unread_count"), 1);
}

TEST_F(Threads, AreReadForwardAndUnreadBackwards) {
  const auto root = alice.posts(chat, "root");
  const auto one = replies(bob, root, "one");
  const auto two = replies(bob, root, "two");
  const auto unread = [&](const json& body, const char* verb) {
    const auto reply = alice.post(path(root, std::string{"/thread/"} + verb), body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().at("unread_count").get<int>();
  };
  EXPECT_EQ(unread({{"message_id", one.at("id")}}, "read"), 1);
  EXPECT_EQ(unread(json::object(), "read"), 0);
  EXPECT_EQ(unread({{"seq", one.at("seq")}}, "read"), 0);  // never back
  EXPECT_EQ(unread({{"message_id", two.at("id")}}, "unread"), 1);
  EXPECT_EQ(unread({{"message_id", one.at("id")}}, "unread"), 2);
  EXPECT_EQ(followed(alice)[0].at("unread_count"), 2);
  const auto beyond = alice.post(path(root, "/thread/read"), {{"seq", 99}});
  EXPECT_EQ(beyond.status, 422);
  EXPECT_EQ(beyond.json().at("errors")[0].at("field"), "seq");
  EXPECT_EQ(alice.post(path(root, "/thread/unread"), json::object()).status, 422);
}

TEST_F(Threads, AreListedWithTheNewestReplyFirstAndInPages) {
  std::vector<json> roots;
  for (const auto* text : {"a", "b", "c"}) {
    roots.push_back(alice.posts(chat, text));
    replies(bob, roots.back(), "reply");
  }
  replies(bob, roots[0], "again");
  const auto texts_of = [](const json& list) {
    std::vector<std::string> found;
    for (const auto& one : list) found.push_back(one.at("root").at("content"));
    return found;
  };
  EXPECT_THAT(texts_of(followed(alice)), ElementsAre("a", "c", "b"));
  const auto first = alice.get("/api/threads?limit=2");
  EXPECT_THAT(texts_of(first.json()), ElementsAre("a", "c"));
  const auto rest = alice.get("/api/threads?limit=2&cursor=" + first.header("x-next-cursor"));
  EXPECT_THAT(texts_of(rest.json()), ElementsAre("b"));
  EXPECT_EQ(rest.header("x-next-cursor"), "");
  EXPECT_EQ(alice.get("/api/threads?cursor=x").status, 422);
}

TEST_F(Threads, EndWithTheMembership) {
  const auto root = alice.posts(chat, "root");
  const auto reply = replies(carol, root, "reply");
  ASSERT_EQ(carol.post(fmt::format("/api/chat/{}/leave", chat), json::object()).status, 204);
  EXPECT_THAT(followed(carol), IsEmpty());
  EXPECT_EQ(carol.get(path(root, "/thread")).status, 404);
  EXPECT_EQ(puts(carol, path(root, "/follow")).status, 404);
  EXPECT_EQ(system.database->number(
                fmt::format("SELECT count(*) FROM thread_follows WHERE user_id = {}", carol.id())),
            0);
}

TEST_F(Threads, WorkInASingle) {
  chat = alice.makes_chat("Single", {bob.id()}, "");
  const auto root = alice.posts(chat, "root");
  replies(bob, root, "reply", false);
  EXPECT_EQ(thread(alice, root).at("root").at("thread").at("reply_count"), 1);
  EXPECT_EQ(followed(alice)[0].at("unread_count"), 1);
}

}  // namespace
}  // namespace fechatter::test
