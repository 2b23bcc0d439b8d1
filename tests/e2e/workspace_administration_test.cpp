#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// What owners and admins of a workspace read and end. Who may ask for what of which workspace is
// also in tests/isolation/matrix.txt.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class WorkspaceAdministration : public testing::Test {
 protected:
  WorkspaceAdministration() { promote(manager); }

  static std::string member_path(const Person& person) {
    return fmt::format("/api/workspace/members/{}", person.id());
  }
  static Reply ends_all(const Person& by, const Person& whose) {
    return by.post(sessions_path(whose) + "/end", json::object());
  }
  static std::string sessions_path(const Person& person) {
    return fmt::format("/api/admin/users/{}/sessions", person.id());
  }
  static std::string session_path(const Person& person, std::int64_t session) {
    return fmt::format("{}/{}", sessions_path(person), session);
  }
  static std::vector<std::string> actions(const Reply& reply) {
    std::vector<std::string> found;
    for (const auto rows = reply.json(); const auto& row : rows) found.push_back(row.at("action"));
    return found;
  }
  static std::vector<std::int64_t> ids(const Reply& reply) {
    std::vector<std::int64_t> found;
    for (const auto rows = reply.json(); const auto& row : rows) found.push_back(row.at("id"));
    return found;
  }
  static std::string refused_field(const Reply& reply) {
    if (reply.status != 422) return std::to_string(reply.status);
    return "422 " + reply.json().at("errors")[0].at("field").get<std::string>();
  }
  void promote(const Person& person) const {
    EXPECT_EQ(boss.patch(member_path(person), {{"role", "admin"}}).status, 200);
  }
  Person signs_in(const Person& person, const std::string& name) {
    return {system,
            system.post("/api/signin", {{"email", person.email()}, {"password", password_of(name)}})
                .json()};
  }
  std::int64_t newest_session_of(const Person& person) {
    return database.number(
        fmt::format("SELECT max(id) FROM sessions WHERE user_id = {}", person.id()));
  }
  std::int64_t ended_rows() {
    return database.number("SELECT count(*) FROM audit_log WHERE action = 'session.end'");
  }

  System system;
  TestDatabase& database = *system.database;
  Person boss = system.signs_up("boss");  // the owner of the workspace
  Person manager = system.signs_up("manager");
  Person bob = system.signs_up("bob");
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(WorkspaceAdministration, TheLogHasTheNewestRowsFirst) {
  auto headers = manager.bearer();
  headers["X-Request-Id"] = "suspend-1";
  ASSERT_EQ(system.send("PATCH", member_path(bob), {{{"status", "Suspended"}}}, headers).status,
            200);
  const auto rows = manager.get("/api/admin/audit");
  ASSERT_EQ(rows.status, 200) << rows.body;
  EXPECT_THAT(actions(rows), ElementsAre("user.suspend", "user.promote"));
  const auto row = rows.json()[0];
  EXPECT_EQ(row.at("actor"), fmt::format("user {}", manager.id()));
  EXPECT_EQ(row.at("actor_id"), manager.id());
  EXPECT_EQ(row.at("target"), fmt::format("user {}", bob.id()));
  EXPECT_EQ(row.at("request_id"), "suspend-1");
  EXPECT_TRUE(row.at("at").is_string());
}

TEST_F(WorkspaceAdministration, EachKindOfRequestIsInTheLogOfItsWorkspaceAndInNoOther) {
  const auto chat = bob.makes_chat("PublicChannel", {}, "general");
  bob.remove(fmt::format("/api/chat/{}", chat));
  boss.post(fmt::format("/api/chat/{}/restore", chat), json::object());
  const auto invitation = boss.post("/api/workspace/invitations", {{"email", "eve@acme.example"}});
  boss.remove(
      fmt::format("/api/workspace/invitations/{}", invitation.json().at("id").get<std::int64_t>()));
  ends_all(boss, bob);
  boss.patch(member_path(bob), {{"status", "Suspended"}});
  boss.post(fmt::format("/api/admin/users/{}/take-over-chats", bob.id()), json::object());
  mallory.post("/api/workspace/invitations", json::object());
  const auto ours = boss.get("/api/admin/audit");
  EXPECT_THAT(actions(ours), ElementsAre("user.take_over_chats", "user.suspend", "session.end",
                                         "invitation.revoke", "invitation.create", "chat.restore",
                                         "user.promote"));
  EXPECT_THAT(actions(mallory.get("/api/admin/audit")), ElementsAre("invitation.create"));
  EXPECT_THAT(ours.body, Not(HasSubstr("@")));
  EXPECT_THAT(ours.body, Not(HasSubstr(invitation.json().at("token").get<std::string>())));
}

TEST_F(WorkspaceAdministration, AnOperatorHasNoNameInTheLogAndTheInstallationIsNotInIt) {
  database.query(
      fmt::format("SELECT add_audit({}, 'operator ann', 'user.resume', 'user {}', 'r1');"
                  "SELECT add_audit('operator ann', 'keys.switch', 'installation', 'r2')",
                  boss.auth().at("workspace").at("id").get<std::int64_t>(), bob.id()));
  const auto rows = boss.get("/api/admin/audit?actor=operator");
  EXPECT_THAT(actions(rows), ElementsAre("user.resume"));
  EXPECT_EQ(rows.json()[0].at("actor"), "operator");
  EXPECT_EQ(rows.json()[0].at("actor_id"), nullptr);
  EXPECT_THAT(rows.body, Not(HasSubstr("ann")));
}

TEST_F(WorkspaceAdministration, TheLogIsReadPageByPageWithoutAGap) {
  for (int i = 0; i < 6; ++i) manager.post("/api/workspace/invitations", json::object());
  const auto all = ids(boss.get("/api/admin/audit"));
  ASSERT_THAT(all, SizeIs(7));
  std::vector<std::int64_t> paged;
  std::string cursor;
  do {
    const auto page =
        boss.get("/api/admin/audit?limit=3" + (cursor.empty() ? cursor : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    const auto of_page = ids(page);
    EXPECT_LE(of_page.size(), 3U);
    paged.insert(paged.end(), of_page.begin(), of_page.end());
    cursor = page.header("x-next-cursor");
  } while (!cursor.empty() && paged.size() < 20);
  EXPECT_EQ(paged, all);
}

TEST_F(WorkspaceAdministration, TheLogIsFilteredByActorAndByAction) {
  manager.post("/api/workspace/invitations", json::object());
  boss.post("/api/workspace/invitations", json::object());
  const auto of_manager = boss.get(fmt::format("/api/admin/audit?actor={}", manager.id()));
  EXPECT_THAT(actions(of_manager), ElementsAre("invitation.create"));
  EXPECT_EQ(of_manager.json()[0].at("actor_id"), manager.id());
  EXPECT_THAT(boss.get("/api/admin/audit?action=invitation.create").json(), SizeIs(2));
  EXPECT_THAT(
      boss.get(fmt::format("/api/admin/audit?actor={}&action=user.promote", boss.id())).json(),
      SizeIs(1));
  EXPECT_THAT(boss.get("/api/admin/audit?action=user.fly").json(), IsEmpty());
  EXPECT_THAT(boss.get(fmt::format("/api/admin/audit?actor={}", mallory.id())).json(), IsEmpty());
}

TEST_F(WorkspaceAdministration, AMalformedCursorLimitOrFilterIsRefusedByName) {
  for (const auto* cursor : {"0", "-1", "07", "1-2", "9223372036854775808", "x", "null", ""}) {
    for (const auto& path : {std::string{"/api/admin/audit"}, sessions_path(bob)}) {
      EXPECT_EQ(refused_field(boss.get(fmt::format("{}?cursor={}", path, cursor))), "422 cursor")
          << path << cursor;
    }
  }
  for (const auto* limit : {"0", "-5", "7.0", "", "x"}) {
    for (const auto& path : {std::string{"/api/admin/audit"}, sessions_path(bob)}) {
      EXPECT_EQ(refused_field(boss.get(fmt::format("{}?limit={}", path, limit))), "422 limit")
          << path << limit;
    }
  }
  for (const auto* actor : {"0", "operators", "user%207", "1000000000000000000", "", "%27"}) {
    EXPECT_EQ(refused_field(boss.get(fmt::format("/api/admin/audit?actor={}", actor))), "422 actor")
        << actor;
  }
  for (const auto* action : {"", ".", "user.", "user.a.b", "User.suspend", "user%25", "a%27b"}) {
    EXPECT_EQ(refused_field(boss.get(fmt::format("/api/admin/audit?action={}", action))),
              "422 action")
        << action;
  }
  EXPECT_EQ(boss.get("/api/admin/audit?limit=5000").header("x-limit-applied"), "100");
}

TEST_F(WorkspaceAdministration, AMemberAndASuspendedAdminReadNothing) {
  for (const auto& path :
       {std::string{"/api/admin/audit"}, std::string{"/api/admin/usage"}, sessions_path(bob)}) {
    EXPECT_EQ(bob.get(path).status, 403) << path;
    EXPECT_EQ(manager.get(path).status, 200) << path;
  }
  // As while its sessions still count: the roles are read with each statement.
  database.query(fmt::format("UPDATE users SET status = 'suspended' WHERE id = {}", manager.id()));
  for (const auto& path :
       {std::string{"/api/admin/audit"}, std::string{"/api/admin/usage"}, sessions_path(bob)}) {
    EXPECT_EQ(manager.get(path).status, 403) << path;
  }
  EXPECT_EQ(ends_all(manager, bob).status, 403);
  database.query(fmt::format("UPDATE users SET status = 'active' WHERE id = {}", manager.id()));
  ASSERT_EQ(boss.patch(member_path(manager), {{"status", "Suspended"}}).status, 200);
  EXPECT_EQ(manager.get("/api/admin/audit").status, 401);
}

TEST_F(WorkspaceAdministration, TheOpenSessionsOfAUserAreListedWithoutWhereTheyAre) {
  const auto phone = signs_in(bob, "bob");
  signs_in(bob, "bob").post("/api/logout", json::object());
  const auto list = manager.get(sessions_path(bob));
  ASSERT_EQ(list.status, 200) << list.body;
  ASSERT_THAT(list.json(), SizeIs(2));
  EXPECT_GT(ids(list)[0], ids(list)[1]);
  const auto before = list.json()[0].at("refreshed_at").get<std::string>();
  ASSERT_EQ(system.post("/api/refresh", {{"refresh_token", phone.refresh_token()}}).status, 200);
  EXPECT_GT(manager.get(sessions_path(bob)).json()[0].at("refreshed_at").get<std::string>(),
            before);
  const auto first = manager.get(sessions_path(bob) + "?limit=1");
  EXPECT_THAT(ids(first), ElementsAre(ids(list)[0]));
  const auto second =
      manager.get(sessions_path(bob) + "?limit=1&cursor=" + first.header("x-next-cursor"));
  EXPECT_THAT(ids(second), ElementsAre(ids(list)[1]));
  EXPECT_EQ(second.header("x-next-cursor"), "");
}

TEST_F(WorkspaceAdministration, AnEndedSessionIsRefusedAndItsStreamIsClosed) {
  const auto phone = signs_in(bob, "bob");
  const auto session = newest_session_of(bob);
  const auto ticket = phone.post("/api/events/ticket", json::object()).json().at("ticket");
  auto stream = phone.subscribes();
  auto kept = bob.subscribes();
  ASSERT_EQ(manager.remove(session_path(bob, session)).status, 204);
  EXPECT_TRUE(stream.ends(std::chrono::seconds{5}));
  EXPECT_EQ(phone.get("/api/chat").status, 401);
  EXPECT_EQ(system.post("/api/refresh", {{"refresh_token", phone.refresh_token()}}).status, 401);
  SseStream late{system.notify.port(), "/events?ticket=" + ticket.get<std::string>()};
  EXPECT_EQ(late.status(), 401);
  bob.makes_chat("PrivateChannel", {}, "still there");
  EXPECT_EQ(kept.next("NewChat")->data.at("name"), "still there");
  EXPECT_EQ(manager.remove(session_path(bob, session)).status, 404);  // over already
  const auto rows = boss.get("/api/admin/audit?action=session.end").json();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].at("target"), fmt::format("session {}", session));
  EXPECT_EQ(rows[0].at("actor_id"), manager.id());
}

TEST_F(WorkspaceAdministration, AllSessionsOfAUserEndAtOnce) {
  const auto phone = signs_in(bob, "bob");
  auto stream = bob.subscribes();
  const auto reply = ends_all(boss, bob);
  EXPECT_EQ(reply.json(), (json{{"sessions_ended", 2}})) << reply.body;
  EXPECT_TRUE(stream.ends(std::chrono::seconds{5}));
  EXPECT_EQ(phone.get("/api/chat").status, 401);
  EXPECT_EQ(bob.get("/api/chat").status, 401);
  EXPECT_THAT(boss.get(sessions_path(bob)).json(), IsEmpty());
  EXPECT_EQ(ends_all(boss, bob).json(), (json{{"sessions_ended", 0}}));
  EXPECT_EQ(ended_rows(), 1);  // what ended nothing is no change
}

TEST_F(WorkspaceAdministration, AnAdminRulesTheSessionsOfMembersAndItsOwnAlone) {
  const auto other = system.signs_up("other");
  promote(other);
  for (const Person* person : std::vector<const Person*>{&boss, &other}) {
    EXPECT_EQ(manager.get(sessions_path(*person)).status, 403);
    EXPECT_EQ(ends_all(manager, *person).status, 403);
    EXPECT_EQ(manager.remove(session_path(*person, newest_session_of(*person))).status, 403);
    EXPECT_EQ(person->get("/api/chat").status, 200);
    EXPECT_EQ(boss.get(sessions_path(*person)).status, 200);
  }
  EXPECT_EQ(ended_rows(), 0);
  const auto tablet = signs_in(manager, "manager");
  EXPECT_EQ(manager.remove(session_path(manager, newest_session_of(manager))).status, 204);
  EXPECT_EQ(tablet.get("/api/chat").status, 401);
  EXPECT_EQ(manager.get("/api/chat").status, 200);
}

TEST_F(WorkspaceAdministration, SessionsOfAnotherWorkspaceAreNotThere) {
  const auto session = newest_session_of(bob);
  EXPECT_EQ(mallory.get(sessions_path(bob)).status, 404);
  EXPECT_EQ(ends_all(mallory, bob).status, 404);
  EXPECT_EQ(mallory.remove(session_path(bob, session)).status, 404);
  EXPECT_EQ(mallory.remove(session_path(mallory, session)).status, 404);
  EXPECT_EQ(boss.remove(session_path(manager, session)).status, 404);  // it is bob's
  EXPECT_EQ(bob.get("/api/chat").status, 200);
  EXPECT_EQ(ended_rows(), 0);
}

TEST_F(WorkspaceAdministration, TheFiguresAreThoseOfTheWorkspaceAlone) {
  const auto chat = bob.makes_chat("PrivateChannel", {boss.id()}, "plans");
  bob.posts(chat, "one");
  bob.posts(chat, "two");
  const auto gone = bob.makes_chat("PrivateChannel", {}, "gone");
  bob.posts(gone, "counts for the quota until it is erased");
  ASSERT_EQ(bob.remove(fmt::format("/api/chat/{}", gone)).status, 204);
  mallory.posts(mallory.makes_chat("PrivateChannel", {}, "theirs"), "another text");
  const auto dave = system.signs_up("dave");
  boss.patch(member_path(dave), {{"status", "Suspended"}});
  const auto usage = manager.get("/api/admin/usage").json();
  EXPECT_EQ(usage.at("id"), boss.auth().at("workspace").at("id"));
  EXPECT_EQ(usage.at("name"), "acme");
  EXPECT_EQ(usage.at("users_active"), (json{{"owner", 1}, {"admin", 1}, {"member", 1}}));
  EXPECT_EQ(usage.at("users_suspended"), (json{{"owner", 0}, {"admin", 0}, {"member", 1}}));
  EXPECT_EQ(usage.at("chats"), 1);
  EXPECT_EQ(usage.at("messages"), 2);
  EXPECT_EQ(usage.at("file_bytes"), 0);
  const auto stored = database.number(
      "SELECT sum(storage_of_user(u.id)) FROM users u JOIN workspaces w ON w.id = u.workspace_id"
      " WHERE w.name = 'acme'");
  EXPECT_EQ(usage.at("stored_bytes"), stored);
  EXPECT_GT(usage.at("message_bytes"), 0);
  EXPECT_LT(usage.at("message_bytes"), stored);
  EXPECT_GT(usage.at("quota_bytes"), usage.at("user_quota_bytes"));
}

}  // namespace
}  // namespace fechatter::test
