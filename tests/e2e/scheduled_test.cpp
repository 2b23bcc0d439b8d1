#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/clock.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class Scheduling : public testing::Test {
 protected:
  static std::string in(std::chrono::milliseconds time) { return to_rfc3339(now() + time); }
  std::string path() const { return fmt::format("/api/chat/{}/scheduled", chat); }
  static std::string path_of(const json& scheduled) {
    return fmt::format("/api/scheduled/{}", scheduled.at("id").get<std::int64_t>());
  }
  json schedules(const Person& person, const std::string& text,
                 std::chrono::milliseconds time = 24h) {
    const auto reply = person.post(path(), {{"content", text}, {"send_at", in(time)}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.json();
  }
  std::int64_t messages(const std::string& text) {
    return database.number("SELECT count(*) FROM messages WHERE content = '" + text + "'");
  }
  // From now on all messages that wait are overdue.
  void an_hour_passes() {
    database.query(
        "UPDATE scheduled_messages SET send_at = now() - interval '1 hour',"
        " try_at = now() - interval '1 hour'");
  }

  System system;
  TestDatabase& database = *system.database;
  Person boss = system.signs_up("boss");
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
};

TEST_F(Scheduling, AMessageIsSentAtItsTimeAndOnceAndReachesTheMembers) {
  auto alices = alice.subscribes();
  const auto waiting = schedules(bob, "good morning", 3s);
  EXPECT_EQ(messages("good morning"), 0);
  EXPECT_EQ(bob.get("/api/scheduled").json(), json::array({waiting}));
  EXPECT_EQ(alice.get("/api/scheduled").json(), json::array());
  const auto event = alices.next("NewMessage");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("content"), "good morning");
  EXPECT_EQ(event->data.at("sender_id"), bob.id());
  EXPECT_EQ(event->data.at("idempotency_key"), waiting.at("idempotency_key"));
  EXPECT_GE(*parse_rfc3339(event->data.at("created_at").get<std::string>()),
            *parse_rfc3339(waiting.at("send_at").get<std::string>()));
  EXPECT_TRUE(eventually([&] { return bob.get("/api/scheduled").json().empty(); }));
  EXPECT_EQ(messages("good morning"), 1);
  EXPECT_EQ(bob.patch(path_of(waiting), {{"content", "late"}}).status, 404);
}

TEST_F(Scheduling, ADowntimeOfAnHourDelaysAMessageAndNothingElse) {
  schedules(bob, "first");
  schedules(bob, "second");
  system.server.kill();
  an_hour_passes();
  system.server.start();
  EXPECT_TRUE(eventually([&] { return messages("second") == 1; }));
  EXPECT_EQ(messages("first"), 1);
  const auto list = alice.get(fmt::format("/api/chat/{}/messages", chat)).json();
  EXPECT_EQ(list[0].at("content"), "second");
  EXPECT_EQ(list[1].at("content"), "first");
}

TEST_F(Scheduling, SeveralInstancesSendEachMessageOnce) {
  auto second = system.another_server();
  second.start();
  for (int i = 0; i < 60; ++i) schedules(bob, fmt::format("message {}", i));
  an_hour_passes();
  EXPECT_TRUE(
      eventually([&] { return database.number("SELECT count(*) FROM scheduled_messages") == 0; }));
  EXPECT_EQ(database.number("SELECT count(*) FROM messages WHERE content LIKE 'message %'"), 60);
  EXPECT_EQ(database.number("SELECT count(DISTINCT content) FROM messages"), 60);
}

// The server died after the message was stored and before its row was deleted.
TEST_F(Scheduling, ACrashBetweenSendingAndSettlingSendsItOnce) {
  const auto waiting = schedules(bob, "once");
  system.server.kill();
  const std::string kept = database.query("SELECT t::text FROM scheduled_messages t")[0][0].c_str();
  an_hour_passes();
  system.server.start();
  ASSERT_TRUE(eventually([&] { return messages("once") == 1; }));
  ASSERT_TRUE(eventually([&] { return bob.get("/api/scheduled").json().empty(); }));
  database.query(
      fmt::format("INSERT INTO scheduled_messages"
                  " (id, workspace_id, chat_id, user_id, body, send_at, created_at, try_at)"
                  " SELECT s.id, s.workspace_id, s.chat_id, s.user_id, s.body, s.send_at, "
                  "s.created_at, s.try_at"
                  " FROM (SELECT ('{}'::scheduled_messages).*) s",
                  kept));
  an_hour_passes();
  EXPECT_TRUE(eventually([&] { return bob.get("/api/scheduled").json().empty(); }));
  EXPECT_EQ(messages("once"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE type = 'ScheduledMessageFailed'"),
            0);
}

TEST_F(Scheduling, AMessageThatMayNoLongerBeSentFailsWithAnEventForItsUser) {
  const auto waiting = schedules(bob, "too late");
  auto bobs = bob.subscribes();
  auto alices = alice.subscribes();
  alice.post(fmt::format("/api/chat/{}/archive", chat), json::object());
  an_hour_passes();
  const auto event = bobs.next("ScheduledMessageFailed");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("id"), waiting.at("id"));
  EXPECT_EQ(event->data.at("failure").at("code"), "chat.archived");
  const auto list = bob.get("/api/scheduled").json();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].at("failure"), event->data.at("failure"));
  EXPECT_EQ(list[0].at("content"), "too late");
  EXPECT_EQ(bob.patch(path_of(waiting), {{"content", "x"}}).status, 403);
  alice.post(fmt::format("/api/chat/{}/unarchive", chat), json::object());
  EXPECT_EQ(bob.patch(path_of(waiting), {{"content", "x"}}).json().at("errors")[0].at("field"),
            "send_at");
  const auto again = bob.patch(path_of(waiting), {{"send_at", in(1s)}});
  EXPECT_EQ(again.json().at("failure"), nullptr);
  EXPECT_EQ(alices.next("NewMessage")->data.at("content"), "too late");
}

TEST_F(Scheduling, RightsAreLookedAtWhenAMessageIsSent) {
  const auto expect_failure = [&](const std::string& code) {
    an_hour_passes();
    EXPECT_TRUE(eventually([&] {
      return database.number("SELECT count(*) FROM scheduled_messages WHERE failure_code = '" +
                             code + "'") == 1;
    })) << code;
    database.query("DELETE FROM scheduled_messages");
  };
  const json with_file{{"files", {"https://files.example/a.pdf"}}, {"send_at", in(24h)}};
  ASSERT_EQ(bob.post(path(), with_file).status, 201);
  expect_failure("request.invalid_fields");  // it is no upload
  schedules(bob, "read-only by then");
  system.send("PUT", fmt::format("/api/chat/{}/settings", chat), json{{"who_may_write", "admins"}},
              alice.bearer());
  expect_failure("chat.read_only");
  schedules(alice, "of a former member");
  alice.patch(fmt::format("/api/chat/{}/members/{}", chat, bob.id()), json::object());
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/leave", chat), json::object()).status, 204);
  expect_failure("chat.not_found");
  schedules(bob, "of a suspended user");
  boss.patch(fmt::format("/api/workspace/members/{}", bob.id()), {{"status", "Suspended"}});
  expect_failure("chat.not_found");
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), 0);
}

TEST_F(Scheduling, AMessageIsChangedAndCancelledUntilItIsDue) {
  const auto said = alice.posts(chat, "a question");
  const auto waiting = bob.post(path(), {{"content", "draft"},
                                         {"reply_to", said.at("id")},
                                         {"files", {"/a"}},
                                         {"mentions", {alice.id()}},
                                         {"send_at", in(24h)}})
                           .json();
  const auto changed = bob.patch(path_of(waiting), {{"content", "final"}, {"send_at", in(48h)}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.json().at("content"), "final");
  for (const auto* field : {"id", "reply_to", "files", "mentions", "idempotency_key"}) {
    EXPECT_EQ(changed.json().at(field), waiting.at(field)) << field;
  }
  EXPECT_GT(changed.json().at("send_at"), waiting.at("send_at"));
  EXPECT_EQ(bob.patch(path_of(waiting), {{"reply_to", nullptr}}).json().at("reply_to"), nullptr);
  EXPECT_EQ(bob.patch(path_of(waiting), {{"content", ""}, {"files", json::array()}}).status, 422);
  EXPECT_EQ(alice.patch(path_of(waiting), {{"content", "mine"}}).status, 404);
  EXPECT_EQ(alice.remove(path_of(waiting)).status, 404);
  EXPECT_EQ(bob.remove(path_of(waiting)).status, 204);
  EXPECT_EQ(bob.remove(path_of(waiting)).status, 404);
}

TEST_F(Scheduling, AMessageMentionsAndRepliesAsAnyOther) {
  const auto root = alice.posts(chat, "a question");
  const auto waiting = bob.post(path(), {{"content", "@alice yes"},
                                         {"reply_to", root.at("id")},
                                         {"also_to_chat", false},
                                         {"send_at", in(24h)}})
                           .json();
  EXPECT_EQ(waiting.at("also_to_chat"), false);
  const auto refused = bob.patch(path_of(waiting), {{"reply_to", nullptr}});
  EXPECT_EQ(refused.json().at("errors")[0].at("field"), "also_to_chat");
  const auto outside = json::array({{{"user_id", alice.id()}, {"offset", 90}, {"length", 2}}});
  EXPECT_EQ(bob.patch(path_of(waiting), {{"content", "yes"}, {"mention_ranges", outside}}).status,
            422);
  auto alices = alice.subscribes();
  an_hour_passes();
  const auto event = alices.next("NewMessage");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("thread_root_id"), root.at("id"));
  EXPECT_EQ(event->data.at("also_to_chat"), false);
  EXPECT_EQ(event->data.at("mentions"), json::array({alice.id()}));
  EXPECT_EQ(alices.next("Mentioned")->data.at("reason"), "mention");
}

TEST_F(Scheduling, AMessageThatIsBeingSentChangesNoMore) {
  const auto waiting = schedules(bob, "under way");
  // As claimed by a server that takes its time.
  database.query(
      "UPDATE scheduled_messages SET send_at = now() - interval '1 second',"
      " try_at = now() + interval '1 minute'");
  for (const auto& reply :
       {bob.patch(path_of(waiting), {{"content", "x"}}),
        bob.patch(path_of(waiting), {{"send_at", in(1h)}}), bob.remove(path_of(waiting))}) {
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.json().at("code"), "scheduled.being_sent");
  }
}

TEST_F(Scheduling, RefusalsNameTheFieldAndStoreNothing) {
  const auto refused = [&](json body, const std::string& field) {
    const auto reply = bob.post(path(), body);
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field);
  };
  refused({{"content", "x"}}, "send_at");
  refused({{"content", "x"}, {"send_at", "tomorrow"}}, "send_at");
  refused({{"content", "x"}, {"send_at", "1970-01-01T00:00:00Z"}}, "send_at");
  refused({{"content", "x"}, {"send_at", in(-1s)}}, "send_at");
  refused({{"content", "x"}, {"send_at", in(24h * 367)}}, "send_at");
  refused({{"content", "x"}, {"send_at", "9999-12-31T23:59:59Z"}}, "send_at");
  refused({{"content", ""}, {"send_at", in(1h)}}, "content");
  refused({{"content", "x"}, {"reply_to", 4711}, {"send_at", in(1h)}}, "reply_to");
  refused({{"content", "x"}, {"mentions", {boss.id()}}, {"send_at", in(1h)}}, "mentions");
  EXPECT_EQ(boss.post(path(), {{"content", "x"}, {"send_at", in(1h)}}).status, 404);
  EXPECT_EQ(database.number("SELECT count(*) FROM scheduled_messages"), 0);
}

TEST_F(Scheduling, AHundredMessagesOfAUserWait) {
  for (int i = 0; i < 100; ++i) schedules(bob, "one of many");
  const auto reply = bob.post(path(), {{"content", "one more"}, {"send_at", in(1h)}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "scheduled.too_many");
  schedules(alice, "of another user");
  const auto first = bob.get("/api/scheduled?limit=60");
  EXPECT_EQ(first.json().size(), 60U);
  const auto rest = bob.get("/api/scheduled?limit=60&after_id=" + first.header("x-next-cursor"));
  EXPECT_EQ(rest.json().size(), 40U);
  EXPECT_EQ(rest.header("x-next-cursor"), "");
  bob.remove(path_of(rest.json()[0]));
  schedules(bob, "one more");
}

}  // namespace
}  // namespace fechatter::test
