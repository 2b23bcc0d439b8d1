#include <gmock/gmock.h>

#include <fmt/format.h>

#include "tests/support/system.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class PeopleInAChat : public testing::Test {
 protected:
  // The contents of the messages that a stream delivers, up to `last`.
  static std::vector<std::string> contents_until(SseStream& session, const std::string& last) {
    std::vector<std::string> contents;
    while (const auto event = session.next("NewMessage")) {
      contents.push_back(event->data.at("content"));
      if (contents.back() == last) break;
    }
    return contents;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");  // of the same workspace, not a member
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
};

TEST_F(PeopleInAChat, AMessageReachesEverySessionOfEveryMemberOnceInOrderAndNoOutsider) {
  auto phone = bob.subscribes();
  auto laptop = bob.subscribes();
  auto senders_own = alice.subscribes();
  auto colleague = dave.subscribes();
  auto stranger = mallory.subscribes();

  for (const auto* text : {"one", "two", "three"}) alice.posts(chat, text);
  // The outsiders' own later message must be the first one on their streams.
  const auto elsewhere = dave.makes_chat("PrivateChannel", {}, "dave alone");
  dave.posts(elsewhere, "to myself");
  const auto far_away = mallory.makes_chat("PrivateChannel", {}, "mallory alone");
  mallory.posts(far_away, "to myself");

  for (auto* session : {&phone, &laptop, &senders_own}) {
    EXPECT_THAT(contents_until(*session, "three"), ElementsAre("one", "two", "three"));
  }
  for (auto* session : {&colleague, &stranger}) {
    EXPECT_THAT(contents_until(*session, "to myself"), ElementsAre("to myself"));
  }
}

TEST_F(PeopleInAChat, TheEventHasAllFieldsOfTheRestMessage) {
  auto session = bob.subscribes();
  const auto key = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const auto url = upload(system.database->owner_url(), alice.id(), "Grüße \"1\".png");
  const auto sent = alice.tries_to_post(chat, {{"content", "Grüße 👋 <b> \u2028 \"quoted\""},
                                               {"files", {url}},
                                               {"mentions", {bob.id()}},
                                               {"idempotency_key", key}});
  ASSERT_EQ(sent.status, 201) << sent.body;
  const auto event = session.next("NewMessage");
  ASSERT_TRUE(event);
  const auto message = sent.json();
  for (const auto& [name, value] : message.items()) EXPECT_EQ(event->data.at(name), value) << name;
  EXPECT_EQ(message.at("attachments")[0].at("name"), "Grüße \"1\".png");
  EXPECT_EQ(event->data.at("event"), "NewMessage");
  EXPECT_EQ(event->data.at("type"), "new_message");
  EXPECT_EQ(event->data.at("chat_type"), "Group");
  EXPECT_EQ(event->data.at("sender_name"), "alice");
  EXPECT_GT(event->data.at("event_id"), 0);
  EXPECT_FALSE(message.contains("data"));
}

TEST_F(PeopleInAChat, TheIdOfADurableEventIsItsPositionAndItsNumber) {
  auto session = bob.subscribes();
  alice.posts(chat, "one");
  alice.posts(chat, "two");
  const auto first = session.next("NewMessage");
  const auto second = session.next("NewMessage");
  ASSERT_TRUE(first && second);
  for (const auto& event : {*first, *second}) {
    EXPECT_THAT(event.id, testing::MatchesRegex("1-[0-9]+-[0-9]+"));
    EXPECT_THAT(event.id, testing::EndsWith(fmt::format("-{}", event.data.at("event_id").dump())));
  }
  EXPECT_LT(std::stoll(first->id.substr(2)), std::stoll(second->id.substr(2)));
}

TEST_F(PeopleInAChat, ANewConnectionStartsWithCaughtUp) {
  // Dave is in no chat, so no event precedes CaughtUp.
  SseStream session{system.notify.port(), "/events", dave.bearer()};
  const auto first = session.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "CaughtUp");
  EXPECT_EQ(first->data.at("cursor"), first->id);
}

TEST_F(PeopleInAChat, AnAddedMemberGetsTheNewChatAndItsMessages) {
  auto session = dave.subscribes();
  const auto fresh = alice.makes_chat("Single", {dave.id()}, "");
  alice.posts(fresh, "welcome");
  const auto event = session.next("NewChat");
  ASSERT_TRUE(event);
  const auto rest_chat = dave.get(fmt::format("/api/chat/{}", fresh)).json();
  EXPECT_EQ(event->data.at("id"), fresh);
  EXPECT_EQ(event->data.at("chat_type"), "Single");
  for (const auto& [name, value] : rest_chat.items()) {
    // Changed by the message; and the name of a Single is the reader's matter.
    if (name == "last_seq" || name == "updated_at" || name == "version" || name == "name") continue;
    EXPECT_EQ(event->data.at(name), value) << name;
  }
  const auto message = session.next("NewMessage");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->data.at("content"), "welcome");
}

TEST(QueryToken, OpensAStreamWhereTheSettingAllowsIt) {
  System system{with_query_tokens()};
  const auto alice = system.signs_up("alice");
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  for (const auto* name : {"access_token", "token"}) {
    SseStream session{system.notify.port(), fmt::format("/events?{}={}", name, alice.token())};
    ASSERT_EQ(session.status(), 200) << name;
    ASSERT_TRUE(session.next("CaughtUp"));
    alice.posts(chat, "hello");
    EXPECT_TRUE(session.next("NewMessage"));
  }
  EXPECT_THAT(system.notify.log(), testing::Not(HasSubstr(alice.token())));
}

TEST_F(PeopleInAChat, ATokenInTheQueryOpensNoStreamByDefault) {
  for (const auto* name : {"access_token", "token"}) {
    const auto target = fmt::format("/events?{}={}", name, bob.token());
    for (const auto* method : {"GET", "HEAD"}) {
      EXPECT_EQ(request(system.notify.port(), method, target).status, 401) << method << name;
    }
    const auto reply = request(system.notify.port(), "GET", target);
    EXPECT_THAT(reply.json().at("detail").get<std::string>(), HasSubstr("use a ticket"));
  }
  const auto ticket = bob.post("/api/events/ticket", json::object()).json().at("ticket");
  SseStream session{system.notify.port(), "/events?ticket=" + ticket.get<std::string>()};
  EXPECT_EQ(session.status(), 200);
  EXPECT_THAT(system.notify.log(), testing::Not(HasSubstr(bob.token())));
}

TEST_F(PeopleInAChat, AStreamNeedsAValidToken) {
  for (const auto* target : {"/events", "/events?token=nonsense"}) {
    const auto reply = request(system.notify.port(), "GET", target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(reply.header("www-authenticate"), "Bearer");
    EXPECT_EQ(reply.header("content-type"), "application/problem+json");
  }
}

TEST_F(PeopleInAChat, TheResponseHeadersAreThoseOfAnEventStream) {
  const auto session = bob.subscribes();
  EXPECT_THAT(session.head(), HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(session.head(), HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(session.head(), HasSubstr("X-Accel-Buffering: no"));
}

TEST_F(PeopleInAChat, AReturningClientGetsMissedMessagesOnce) {
  auto session = bob.subscribes();
  alice.posts(chat, "one");
  const auto seen = session.next("NewMessage");
  ASSERT_TRUE(seen);
  session.close();
  alice.posts(chat, "two");
  alice.posts(chat, "three");
  auto again = bob.subscribes(seen->id);
  EXPECT_THAT(contents_until(again, "three"), ElementsAre("two", "three"));
}

TEST_F(PeopleInAChat, SignOutEndsTheStreamAndTheTokensOfTheSession) {
  auto session = bob.subscribes();
  ASSERT_EQ(bob.post("/api/logout", json::object()).status, 200);
  EXPECT_TRUE(session.ends(std::chrono::seconds{5}));
  EXPECT_EQ(bob.get("/api/chat").status, 401);
  EXPECT_TRUE(eventually([&] {
    return request(system.notify.port(), "GET", "/events", {}, bob.bearer()).status == 401;
  }));
}

}  // namespace
}  // namespace fechatter::test
