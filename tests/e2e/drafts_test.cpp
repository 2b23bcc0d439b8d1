#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

class DraftsOfAUser : public testing::Test {
 protected:
  static std::string path(std::int64_t of) { return fmt::format("/api/chat/{}/draft", of); }
  Reply put(const Person& person, const json& body) {
    return system.send("PUT", path(chat), body, person.bearer());
  }
  // The version of a draft that must be accepted.
  std::int64_t version_of(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().at("version");
  }
  Person another_session_of(const Person& person, const std::string& name) {
    const auto reply =
        system.post("/api/signin", {{"email", person.email()}, {"password", password_of(name)}});
    return Person{system, reply.json()};
  }
  std::int64_t events() {
    return system.database->number("SELECT count(*) FROM outbox WHERE type = 'DraftUpdated'");
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(DraftsOfAUser, ADraftIsReadByAllSessionsOfItsUserAndByNoOtherMember) {
  const auto said = alice.posts(chat, "a question");
  const auto version = version_of(put(
      bob,
      {{"content", "an answer"}, {"reply_to", said.at("id")}, {"files", {"/a"}}, {"version", 0}}));
  const auto draft = another_session_of(bob, "bob").get(path(chat)).json();
  EXPECT_EQ(draft.at("content"), "an answer");
  EXPECT_EQ(draft.at("reply_to"), said.at("id"));
  EXPECT_EQ(draft.at("files"), json::array({"/a"}));
  EXPECT_EQ(draft.at("version"), version);
  EXPECT_EQ(bob.get("/api/drafts").json(), json::array({draft}));
  EXPECT_EQ(alice.get(path(chat)).json().at("version"), 0);
  EXPECT_EQ(alice.get("/api/drafts").json(), json::array());
}

TEST_F(DraftsOfAUser, AChangeReachesTheUsersSessionsWithoutTheTextAndNoOtherMember) {
  auto phone = another_session_of(bob, "bob").subscribes();
  auto alices = alice.subscribes();
  const auto version = version_of(put(bob, {{"content", "a secret thought"}, {"version", 0}}));
  const auto event = phone.next("DraftUpdated");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("event_id"), version);
  EXPECT_EQ(event->data.at("chat_id"), chat);
  EXPECT_EQ(event->data.at("deleted"), false);
  EXPECT_EQ(event->data.dump().find("thought"), std::string::npos);
  bob.remove(path(chat));
  EXPECT_EQ(phone.next("DraftUpdated")->data.at("deleted"), true);
  bob.posts(chat, "said");
  EXPECT_EQ(alices.next()->name, "NewMessage");
}

TEST_F(DraftsOfAUser, AnOldVersionIsRefusedWithTheNewerDraft) {
  const auto first = version_of(put(bob, {{"content", "one"}, {"version", 0}}));
  const auto second = version_of(put(bob, {{"content", "two"}, {"version", first}}));
  for (const auto old : {std::int64_t{0}, first}) {
    const auto refused = put(bob, {{"content", "three"}, {"version", old}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json().at("code"), "draft.outdated");
    EXPECT_EQ(refused.json().at("draft").at("content"), "two");
    EXPECT_EQ(refused.json().at("draft").at("version"), second);
  }
  EXPECT_EQ(bob.remove(path(chat) + fmt::format("?version={}", first)).status, 409);
  EXPECT_EQ(bob.get(path(chat)).json().at("content"), "two");
  EXPECT_EQ(events(), 2);
}

TEST_F(DraftsOfAUser, AnEndedDraftIsNotOverwrittenByASessionThatHasSlept) {
  const auto slept = version_of(put(bob, {{"content", "one"}, {"version", 0}}));
  version_of(put(bob, {{"content", ""}, {"version", slept}}));
  EXPECT_EQ(bob.get("/api/drafts").json(), json::array());
  const auto refused = put(bob, {{"content", "one, and more"}, {"version", slept}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.json().at("draft").at("content"), "");
  version_of(put(bob, {{"content", "a new one"}, {"version", 0}}));
}

TEST_F(DraftsOfAUser, TheSameDraftAgainIsNoChange) {
  const auto version = version_of(put(bob, {{"content", "one"}, {"version", 0}}));
  EXPECT_EQ(version_of(put(bob, {{"content", "one"}, {"version", 0}})), version);
  EXPECT_EQ(version_of(put(bob, {{"content", "one"}, {"version", version}})), version);
  EXPECT_EQ(events(), 1);
}

TEST_F(DraftsOfAUser, OfTwoSessionsThatWriteAtTheSameTimeOneGetsTheDraftOfTheOther) {
  auto version = std::int64_t{0};
  for (int round = 0; round < 20; ++round) {
    const auto write = [&](const char* who) {
      return std::async(std::launch::async, [this, who, round, version] {
        return put(bob, {{"content", fmt::format("{} {}", who, round)}, {"version", version}});
      });
    };
    auto one = write("phone");
    auto other = write("laptop");
    const auto first = one.get();
    const auto second = other.get();
    ASSERT_EQ(std::min(first.status, second.status), 200);
    ASSERT_EQ(std::max(first.status, second.status), 409);
    const auto& stored = first.status == 200 ? first : second;
    const auto& refused = first.status == 200 ? second : first;
    version = stored.json().at("version");
    EXPECT_EQ(refused.json().at("draft").at("version"), version);
  }
}

TEST_F(DraftsOfAUser, ADraftEndsWithTheMembership) {
  version_of(put(bob, {{"content", "one"}, {"version", 0}}));
  alice.remove(fmt::format("/api/chat/{}/members", chat), json::array({bob.id()}));
  EXPECT_EQ(system.database->number("SELECT count(*) FROM drafts"), 0);
  EXPECT_EQ(put(bob, {{"content", "two"}, {"version", 0}}).status, 404);
  EXPECT_EQ(bob.get(path(chat)).status, 404);
  EXPECT_EQ(bob.remove(path(chat)).status, 404);
}

TEST_F(DraftsOfAUser, LimitsAreThoseOfAMessageAndRefusalsNameTheField) {
  const auto refused = [&](const json& body, int status, const std::string& field) {
    const auto reply = put(bob, body);
    EXPECT_EQ(reply.status, status) << reply.body;
    if (!field.empty()) {
      EXPECT_EQ(reply.json().at("errors")[0].at("field"), field);
    }
  };
  refused({{"content", "x"}}, 422, "version");
  refused({{"content", "x"}, {"version", -1}}, 422, "version");
  refused({{"content", std::string(10'001, 'x')}, {"version", 0}}, 422, "content");
  refused({{"content", std::string(1'000'000, 'x')}, {"version", 0}}, 422, "content");
  refused({{"content", std::string(2'000'000, 'x')}, {"version", 0}}, 413, "");
  refused({{"content", "x"}, {"files", {"javascript:x"}}, {"version", 0}}, 422, "files[0]");
  refused({{"content", "x"}, {"reply_to", 4711}, {"version", 0}}, 422, "reply_to");
  const std::vector<std::string> files(20, "/" + std::string(2047, 'x'));
  refused({{"content", std::string(10'000, '"')}, {"files", files}, {"version", 0}}, 200, "");
  std::string emoji;
  for (int i = 0; i < 10'000; ++i) emoji += "😀";
  refused({{"content", emoji}, {"files", files}, {"version", 0}}, 422, "files");
  EXPECT_EQ(events(), 1);
}

TEST_F(DraftsOfAUser, DraftsAreListedInPagesTheNewestFirst) {
  std::vector<std::int64_t> chats{chat};
  for (int i = 0; i < 4; ++i) chats.push_back(bob.makes_chat("PrivateChannel", {}, "other"));
  for (const auto one : chats) {
    system.send("PUT", path(one), json{{"content", "x"}, {"version", 0}}, bob.bearer());
  }
  std::vector<std::int64_t> listed;
  std::string query = "?limit=2";
  for (int page = 0; page < 3; ++page) {
    const auto reply = bob.get("/api/drafts" + query);
    for (const auto& draft : reply.json()) listed.push_back(draft.at("chat_id"));
    query = "?limit=2&cursor=" + reply.header("x-next-cursor");
    EXPECT_EQ(reply.header("x-next-cursor").empty(), page == 2);
  }
  EXPECT_EQ(listed, std::vector<std::int64_t>(chats.rbegin(), chats.rend()));
  bob.remove(fmt::format("/api/chat/{}", chats.back()));
  EXPECT_EQ(bob.get("/api/drafts").json().size(), 4U);
  EXPECT_EQ(bob.get("/api/drafts?cursor=x").status, 422);
}

}  // namespace
}  // namespace fechatter::test
