#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

SystemOptions with_small_rates() {
  SystemOptions options;
  options.server = {{"FECHATTER_LIMITS__MEMBER_CHANGES_BURST", "3"},
                    {"FECHATTER_LIMITS__MEMBER_CHANGES_PER_MINUTE", "1"},
                    {"FECHATTER_LIMITS__PROFILE_CHANGES_BURST", "1"},
                    {"FECHATTER_LIMITS__PROFILE_CHANGES_PER_MINUTE", "1"},
                    {"FECHATTER_LIMITS__CHATS_BURST", "2"},
                    {"FECHATTER_LIMITS__CHATS_PER_MINUTE", "1"},
                    {"FECHATTER_LIMITS__INVITATIONS_BURST", "1"},
                    {"FECHATTER_LIMITS__INVITATIONS_PER_MINUTE", "1"},
                    {"FECHATTER_LIMITS__WORKSPACE_ROWS_BURST", "20"},
                    {"FECHATTER_LIMITS__WORKSPACE_ROWS_PER_SECOND", "1"}};
  options.notify = {{"FECHATTER_LIMITS__STREAMS_BURST", "2"},
                    {"FECHATTER_LIMITS__STREAMS_PER_MINUTE", "1"}};
  return options;
}

class SmallRates : public testing::Test {
 protected:
  static void expect_refused(const Reply& reply) {
    EXPECT_EQ(reply.status, 429) << reply.body;
    EXPECT_GT(std::stoi(reply.header("retry-after")), 0);
    EXPECT_EQ(reply.json().at("code"), "request.rate_limited");
  }

  System system{with_small_rates()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(SmallRates, ChangesOfMembersAndNewChatsHaveRatesOfTheirOwn) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "lobby");
  const auto members = fmt::format("/api/chat/{}/members", chat);
  EXPECT_EQ(alice.post(members, json{bob.id()}).status, 201);
  EXPECT_EQ(alice.remove(members, json{bob.id()}).status, 204);
  EXPECT_EQ(alice.post(members, json{bob.id()}).status, 201);
  expect_refused(alice.remove(members, json{bob.id()}));
  EXPECT_EQ(bob.post(fmt::format("/api/chat/{}/leave", chat), json::object()).status, 204);
  alice.makes_chat("PublicChannel", {}, "cafeteria");
  expect_refused(alice.post("/api/chat", {{"chat_type", "PublicChannel"}, {"name", "library"}}));
}

TEST_F(SmallRates, ProfilesAndInvitationsHaveRatesOfTheirOwn) {
  EXPECT_EQ(alice.patch("/api/users/profile", {{"title", "one"}}).status, 200);
  expect_refused(alice.patch("/api/users/profile", {{"title", "two"}}));
  EXPECT_EQ(alice.post("/api/workspace/invitations", json::object()).status, 201);
  expect_refused(alice.post("/api/workspace/invitations", json::object()));
}

TEST_F(SmallRates, AWorkspaceThatWritesAtItsLimitDoesNotStopAnother) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  auto reply = alice.tries_to_post(chat, {{"content", "0"}});
  for (int i = 1; i < 40 && reply.status == 201; ++i) {
    const auto& sender = i % 2 == 0 ? alice : bob;
    reply = sender.tries_to_post(chat, {{"content", std::to_string(i)}});
  }
  expect_refused(reply);
  const auto elsewhere = mallory.makes_chat("PrivateChannel", {}, "alone");
  EXPECT_EQ(mallory.tries_to_post(elsewhere, {{"content", "hello"}}).status, 201);
}

TEST_F(SmallRates, OpeningStreamsHasARateOfItsUser) {
  const auto open = [&](const Person& person) {
    return request(system.notify.port(), "GET", "/events", {}, person.bearer());
  };
  auto phone = alice.subscribes();
  auto laptop = alice.subscribes();
  expect_refused(open(alice));
  EXPECT_NO_THROW(bob.subscribes());
}

}  // namespace
}  // namespace fechatter::test
