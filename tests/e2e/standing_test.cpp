#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

// What suspending, demoting, moderating and hiding do to chats and invitations. The rights
// themselves are in tests/isolation/rights.txt.
class Standing : public testing::Test {
 protected:
  Standing() { EXPECT_EQ(boss.patch(member_path(manager), {{"role", "admin"}}).status, 200); }
  static std::string path(std::int64_t chat, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  static std::string member_path(const Person& person) {
    return fmt::format("/api/workspace/members/{}", person.id());
  }
  static std::vector<std::int64_t> ids(const json& list) {
    std::vector<std::int64_t> found;
    for (const auto& item : list) found.push_back(item.at("id"));
    return found;
  }
  std::int64_t owner_of(std::int64_t chat) {
    return database.number(fmt::format(
        "SELECT user_id FROM chat_members WHERE chat_id = {} AND role = 'owner'", chat));
  }
  void suspend(const Person& person) {
    EXPECT_EQ(boss.patch(member_path(person), {{"status", "Suspended"}}).status, 200);
  }
  std::string invitation_by(const Person& person) {
    return person.post("/api/workspace/invitations", json::object()).json().at("token");
  }
  int signs_up_with(const std::string& invitation) {
    return system
        .post("/api/signup", {{"fullname", "dismissed"},
                              {"email", fmt::format("d{}@acme.example", ++people_made)},
                              {"password", "secret of the former"},
                              {"workspace", "acme"},
                              {"invitation", invitation}})
        .status;
  }

  System system;
  TestDatabase& database = *system.database;
  Person boss = system.signs_up("boss");  // the owner of the workspace
  Person manager = system.signs_up("manager");
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  int people_made = 0;
};

TEST_F(Standing, NeitherMemberOfASingleErasesForTheOther) {
  const auto single = alice.makes_chat("Single", {bob.id()}, "");
  const auto hers = bob.posts(single, "written by bob");
  const auto message = path(single, fmt::format("/messages/{}", hers.at("id").get<std::int64_t>()));
  EXPECT_EQ(alice.remove(message).status, 403);
  EXPECT_EQ(alice.patch(path(single), {{"name", "Payroll (official)"}}).status, 403);
  EXPECT_EQ(
      alice.patch(path(single, fmt::format("/members/{}", bob.id())), {{"role", "admin"}}).status,
      403);
  EXPECT_EQ(alice.remove(path(single)).status, 204);
  EXPECT_EQ(bob.get(path(single, "/messages")).json()[0], hers);
  EXPECT_TRUE(bob.get(path(single)).json().at("owner_id").is_null());
}

TEST_F(Standing, ADeletedSingleIsHiddenFromItsCallerUntilTheNextMessage) {
  const auto single = alice.makes_chat("Single", {bob.id()}, "");
  bob.posts(single, "before");
  ASSERT_EQ(alice.remove(path(single)).status, 204);
  EXPECT_THAT(alice.get("/api/chat").json(), IsEmpty());
  EXPECT_THAT(ids(bob.get("/api/chat").json()), ElementsAre(single));
  bob.posts(single, "after");
  EXPECT_THAT(ids(alice.get("/api/chat").json()), ElementsAre(single));
  EXPECT_EQ(alice.get(path(single, "/messages")).json().size(), 2U);
}

TEST_F(Standing, AHiddenSingleIsShownAgainWhenItsCallerOpensIt) {
  const auto single = alice.makes_chat("Single", {bob.id()}, "");
  alice.remove(path(single));
  const auto again = alice.post("/api/chat", {{"chat_type", "Single"}, {"members", {bob.id()}}});
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(ids(alice.get("/api/chat").json()), ElementsAre(single));
}

TEST_F(Standing, ASuspendedOwnersChatGoesToTheOldestAdminElseToTheOldestMember) {
  const auto with_admin = alice.makes_chat("PrivateChannel", {bob.id(), carol.id()}, "one");
  alice.patch(path(with_admin, fmt::format("/members/{}", carol.id())), {{"role", "admin"}});
  const auto without = alice.makes_chat("PrivateChannel", {}, "two");
  alice.post(path(without, "/members"), json{carol.id()});
  alice.post(path(without, "/members"), json{bob.id()});
  auto bobs = bob.subscribes();
  suspend(alice);
  EXPECT_EQ(owner_of(with_admin), carol.id());
  EXPECT_EQ(owner_of(without), carol.id());
  EXPECT_EQ(bobs.next("ChatUpdated")->data.at("owner_id"), carol.id());
  EXPECT_EQ(carol.patch(path(without), {{"name", "two of carol"}}).status, 200);
}

TEST_F(Standing, ASuspensionIsNotStoppedByALockedChat) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "locked");
  postgres::Connection holder{database.owner_url()};
  holder.run_script(fmt::format("BEGIN; SELECT FROM chats WHERE id = {} FOR UPDATE", chat));
  suspend(alice);
  EXPECT_EQ(owner_of(chat), alice.id());
  holder.run_script("COMMIT");
  EXPECT_TRUE(eventually([&] { return owner_of(chat) == bob.id(); }));  // by the cleanup
}

TEST_F(Standing, AnAdminOfTheWorkspaceTakesOverAChatWithoutAnHeir) {
  const auto alone = alice.makes_chat("PrivateChannel", {}, "alone");
  const auto group = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  suspend(bob);
  suspend(alice);
  EXPECT_EQ(owner_of(group), alice.id());
  const auto own_seat = fmt::format("/members/{}", manager.id());
  EXPECT_EQ(manager.get(path(alone)).status, 404);
  EXPECT_EQ(carol.patch(path(alone, fmt::format("/members/{}", carol.id())), json::object()).status,
            404);
  const auto taken = manager.patch(path(alone, own_seat), json::object());
  EXPECT_EQ(taken.json().at("role"), "owner") << taken.body;
  EXPECT_EQ(manager.patch(path(alone), {{"name", "renamed"}}).status, 200);
  const auto rest =
      boss.post(fmt::format("/api/admin/users/{}/take-over-chats", alice.id()), json::object());
  EXPECT_THAT(ids(rest.json()), ElementsAre(group)) << rest.body;
  EXPECT_EQ(owner_of(group), boss.id());
}

TEST_F(Standing, AModeratorDeletesAMessageOfAPublicChannelWithoutASeat) {
  const auto lobby = alice.makes_chat("PublicChannel", {}, "lobby");
  const auto said = alice.posts(lobby, "unfit for a lobby");
  const auto message = path(lobby, fmt::format("/messages/{}", said.at("id").get<std::int64_t>()));
  auto alices = alice.subscribes();
  ASSERT_EQ(manager.remove(message).status, 204);
  EXPECT_EQ(alices.next("MessageDeleted")->data.at("id"), said.at("id"));
  EXPECT_EQ(manager.get(path(lobby)).status, 404);  // moderating is not reading
}

TEST_F(Standing, AnInvitationEndsWithTheRightToInvite) {
  const auto before = invitation_by(manager);
  const auto in_time = invitation_by(manager);
  EXPECT_EQ(signs_up_with(in_time), 201);
  boss.patch(member_path(manager), {{"role", "member"}});
  EXPECT_EQ(signs_up_with(before), 422);
  boss.patch(member_path(manager), {{"role", "admin"}});
  EXPECT_EQ(signs_up_with(before), 422);  // an ended invitation stays ended
  const auto second = invitation_by(manager);
  suspend(manager);
  EXPECT_EQ(signs_up_with(second), 422);
  EXPECT_EQ(database.number("SELECT count(*) FROM invitations"
                            " WHERE revoked_at IS NULL AND accepted_at IS NULL"),
            0);
}

// As after a role that was changed by hand.
TEST_F(Standing, AnOpenInvitationOfAnInviterWithoutTheRightIsRefused) {
  const auto invitation = invitation_by(manager);
  database.query("UPDATE users SET role = 'member' WHERE fullname = 'manager'");
  EXPECT_EQ(signs_up_with(invitation), 422);
}

TEST_F(Standing, OpenInvitationsOfAnInviterAreLimited) {
  database.query(fmt::format(
      "INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at) SELECT 1, {},"
      " sha256(i::text::bytea), now() + interval '1 day' FROM generate_series(1, 100) i",
      manager.id()));
  const auto reply = manager.post("/api/workspace/invitations", json::object());
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json().at("code"), "workspace.too_many_invitations");
  database.query("UPDATE invitations SET expires_at = now() WHERE id = 1");
  EXPECT_EQ(manager.post("/api/workspace/invitations", json::object()).status, 201);
}

TEST_F(Standing, ATicketEndsWithItsSession) {
  const auto ticket = bob.post("/api/events/ticket", json::object()).json().at("ticket");
  // Without the announcement to notify_server.
  database.query(
      fmt::format("UPDATE sessions SET revoked_at = now() WHERE user_id = {}", bob.id()));
  SseStream stream{system.notify.port(), "/events?ticket=" + ticket.get<std::string>()};
  EXPECT_EQ(stream.status(), 401);
}

}  // namespace
}  // namespace fechatter::test
