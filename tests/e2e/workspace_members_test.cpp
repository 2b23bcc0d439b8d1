#include <fmt/format.h>
#include <gmock/gmock.h>

#include <mutex>
#include <set>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

// Profiles, roles, suspension and invitations in a workspace; sessions and tickets.
class WorkspaceMembers : public testing::Test {
 protected:
  static std::string member_path(const Person& person) {
    return fmt::format("/api/workspace/members/{}", person.id());
  }
  Reply sign_in(const std::string& name) {
    return system.post("/api/signin",
                       {{"email", name + "@acme.example"}, {"password", password_of(name)}});
  }
  int stream_status(const std::string& query) {
    return SseStream{system.notify.port(), "/events?" + query}.status();
  }

  System system{with_query_tokens()};
  Person alice = system.signs_up("alice");  // the owner of the workspace
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(WorkspaceMembers, ProfileFieldsAreChangedAndClearedSingly) {
  const auto reply = bob.patch("/api/users/profile", {{"fullname", "Bob B."},
                                                      {"title", "Engineer"},
                                                      {"bio", "likes chess"},
                                                      {"avatar_url", "https://a.example/b.png"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("fullname"), "Bob B.");
  EXPECT_EQ(reply.json().at("title"), "Engineer");
  const auto cleared = bob.patch("/api/users/profile", {{"title", nullptr}, {"bio", ""}}).json();
  EXPECT_EQ(cleared.at("title"), nullptr);
  EXPECT_EQ(cleared.at("bio"), nullptr);
  EXPECT_EQ(cleared.at("avatar_url"), "https://a.example/b.png");
  EXPECT_EQ(alice.get(fmt::format("/api/users/{}/profile", bob.id())).json(), cleared);
}

TEST_F(WorkspaceMembers, AnInvalidProfileFieldIsRefusedByName) {
  for (const auto& [field, value] :
       std::vector<std::pair<std::string, json>>{{"fullname", ""},
                                                 {"fullname", std::string(51, 'x')},
                                                 {"fullname", nullptr},
                                                 {"avatar_url", "javascript:alert(1)"},
                                                 {"avatar_url", "//evil.example/x.png"},
                                                 {"title", std::string(101, 'x')},
                                                 {"bio", 7}}) {
    const auto reply = bob.patch("/api/users/profile", {{field, value}});
    EXPECT_EQ(reply.status, 422) << field << value;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field);
  }
}

TEST_F(WorkspaceMembers, AProfileChangeIsDeliveredOnceToUsersWithASharedChat) {
  alice.makes_chat("Single", {bob.id()}, "");
  alice.makes_chat("PrivateChannel", {bob.id()}, "also together");
  auto alices = alice.subscribes();
  auto bobs = bob.subscribes();
  auto carols = carol.subscribes();
  auto mallorys = mallory.subscribes();
  const auto user = bob.patch("/api/users/profile", {{"title", "Engineer"}}).json().at("data");
  for (auto* session : {&alices, &bobs}) {
    const auto event = session->next("UserUpdated");
    ASSERT_TRUE(event);
    for (const auto& [field, value] : user.items()) EXPECT_EQ(event->data.at(field), value);
  }
  // Neither a colleague without a shared chat nor another workspace gets the event, and each
  // recipient gets it once.
  carol.makes_chat("PrivateChannel", {alice.id()}, "next");
  mallory.makes_chat("PrivateChannel", {}, "next");
  EXPECT_EQ(carols.next()->name, "NewChat");
  EXPECT_EQ(mallorys.next()->name, "NewChat");
  EXPECT_EQ(alices.next()->name, "NewChat");
}

TEST_F(WorkspaceMembers, AProfileUpdateWithoutChangeHasNoEvent) {
  bob.patch("/api/users/profile", {{"fullname", "bob"}});
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'UserUpdated'"), 0);
}

TEST_F(WorkspaceMembers, AdminsMayInviteButOnlyTheOwnerAppointsAdmins) {
  ASSERT_EQ(alice.patch(member_path(bob), {{"role", "admin"}}).json().at("role"), "admin");
  EXPECT_EQ(bob.post("/api/workspace/invitations", json::object()).status, 201);
  EXPECT_EQ(bob.patch(member_path(carol), {{"role", "admin"}}).status, 403);
  EXPECT_EQ(bob.patch(member_path(alice), {{"status", "Suspended"}}).status, 403);
  EXPECT_EQ(carol.patch(member_path(bob), {{"role", "member"}}).status, 403);
  EXPECT_EQ(alice.patch(member_path(mallory), {{"role", "admin"}}).status, 404);
  EXPECT_EQ(alice.patch(member_path(alice), {{"role", "member"}}).status, 422);
  EXPECT_EQ(alice.patch(member_path(bob), {{"role", "king"}}).status, 422);
}

TEST_F(WorkspaceMembers, TheOwnershipOfAWorkspaceIsTransferred) {
  ASSERT_EQ(alice.patch(member_path(bob), {{"role", "owner"}}).json().at("role"), "owner");
  EXPECT_EQ(alice.get("/api/users/profile").json().at("role"), "admin");
  EXPECT_EQ(alice.patch(member_path(carol), {{"role", "admin"}}).status, 403);
  EXPECT_EQ(sign_in("bob").json().at("workspace").at("owner_id"), bob.id());
}

TEST_F(WorkspaceMembers, ASuspendedUserLosesSessionsStreamsAndSignIn) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  auto stream = bob.subscribes();
  ASSERT_EQ(alice.patch(member_path(bob), {{"status", "Suspended"}}).json().at("status"),
            "Suspended");
  EXPECT_TRUE(stream.ends(std::chrono::seconds{5}));
  EXPECT_EQ(bob.get("/api/chat").status, 401);
  EXPECT_EQ(bob.tries_to_post(chat, {{"content", "still here"}}).status, 401);
  EXPECT_EQ(stream_status("access_token=" + bob.token()), 401);
  EXPECT_EQ(system.post("/api/refresh", {{"refresh_token", bob.refresh_token()}}).status, 401);
  EXPECT_EQ(sign_in("bob").json().at("code"), "auth.suspended");
  EXPECT_EQ(alice.post(fmt::format("/api/chat/{}/members", chat), json{bob.id()}).status, 422);
}

TEST_F(WorkspaceMembers, ASessionEndsOnAllInstancesWithAndWithoutNats) {
  auto other = system.another_server();
  other.start();
  const auto status_there = [&](const Person& person) {
    return request(other.port(), "GET", "/api/chat", {}, person.bearer()).status;
  };
  ASSERT_EQ(status_there(bob), 200);
  bob.post("/api/logout", json::object());
  EXPECT_TRUE(eventually([&] { return status_there(bob) == 401; }));
  system.nats.kill();
  ASSERT_EQ(status_there(carol), 200);
  carol.post("/api/logout-all", json::object());
  EXPECT_TRUE(eventually([&] { return status_there(carol) == 401; }));
  EXPECT_EQ(status_there(alice), 200);
}

TEST_F(WorkspaceMembers, ASessionEndedDuringTheDowntimeOfAnInstanceIsEndedThere) {
  bob.post("/api/logout", json::object());
  auto other = system.another_server();
  other.start();
  EXPECT_TRUE(eventually(
      [&] { return request(other.port(), "GET", "/api/chat", {}, bob.bearer()).status == 401; }));
}

TEST_F(WorkspaceMembers, AReactivatedUserMustSignInAgain) {
  alice.patch(member_path(bob), {{"status", "Suspended"}});
  alice.patch(member_path(bob), {{"status", "Active"}});
  EXPECT_EQ(bob.get("/api/chat").status, 401);  // ended sessions stay ended
  EXPECT_EQ(sign_in("bob").status, 200);
}

TEST_F(WorkspaceMembers, InvitationsAreListedAndRevoked) {
  const auto first = alice.post("/api/workspace/invitations", json::object()).json();
  const auto second = alice.post("/api/workspace/invitations", json::object()).json();
  const auto list = alice.get("/api/workspace/invitations").json();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("id"), first.at("id"));
  EXPECT_EQ(list[0].at("created_by"), alice.id());
  EXPECT_FALSE(list[0].contains("token"));
  const auto path =
      fmt::format("/api/workspace/invitations/{}", first.at("id").get<std::int64_t>());
  EXPECT_EQ(mallory.remove(path).status, 404);
  EXPECT_EQ(bob.remove(path).status, 403);
  EXPECT_EQ(bob.get("/api/workspace/invitations").status, 403);
  EXPECT_EQ(alice.remove(path).status, 204);
  EXPECT_EQ(system
                .post("/api/signup", {{"fullname", "dave"},
                                      {"email", "dave@acme.example"},
                                      {"password", password_of("dave")},
                                      {"workspace", "acme"},
                                      {"invitation", first.at("token")}})
                .status,
            422);
  EXPECT_TRUE(alice.get("/api/workspace/invitations").json()[0].at("revoked_at").is_string());
}

TEST_F(WorkspaceMembers, FiftyConcurrentRefreshesGetOneSuccessor) {
  std::mutex mutex;
  std::vector<std::string> successors;
  std::vector<std::thread> tabs;
  for (int i = 0; i < 50; ++i) {
    tabs.emplace_back([&] {
      const auto reply = system.post("/api/refresh", {{"refresh_token", bob.refresh_token()}});
      const std::lock_guard lock{mutex};
      successors.push_back(reply.status == 200 ? reply.json().at("refresh_token")
                                               : json(reply.body));
    });
  }
  for (auto& tab : tabs) tab.join();
  const std::set<std::string> distinct{successors.begin(), successors.end()};
  EXPECT_EQ(successors.size(), 50U);
  EXPECT_EQ(distinct.size(), 1U);
  EXPECT_EQ(system.post("/api/refresh", {{"refresh_token", *distinct.begin()}}).status, 200);
}

TEST_F(WorkspaceMembers, ATicketOpensOneStreamOnce) {
  const auto reply = bob.post("/api/events/ticket", json::object());
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("expires_in"), 30);
  const auto ticket = "ticket=" + reply.json().at("ticket").get<std::string>();
  SseStream stream{system.notify.port(), "/events?" + ticket};
  ASSERT_EQ(stream.status(), 200);
  EXPECT_TRUE(stream.next("CaughtUp"));
  EXPECT_EQ(stream_status(ticket), 401);
  EXPECT_EQ(stream_status("ticket=made-up"), 401);
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  alice.posts(chat, "hello");
  EXPECT_EQ(stream.next("NewMessage")->data.at("content"), "hello");
}

TEST_F(WorkspaceMembers, ATicketExpiresWithItsLifetimeAndItsSession) {
  const auto late = bob.post("/api/events/ticket", json::object()).json().at("ticket");
  system.database->query("UPDATE event_tickets SET expires_at = now() - interval '1 second'");
  EXPECT_EQ(stream_status("ticket=" + late.get<std::string>()), 401);
  const auto ticket = bob.post("/api/events/ticket", json::object()).json().at("ticket");
  bob.post("/api/logout", json::object());
  EXPECT_TRUE(eventually([&] { return stream_status("access_token=" + bob.token()) == 401; }));
  EXPECT_EQ(stream_status("ticket=" + ticket.get<std::string>()), 401);
}

}  // namespace
}  // namespace fechatter::test
