#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/older_envelope.hpp"
#include "tests/support/system.hpp"

// Chat clients that exist for this API and are used as they are.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OlderClients : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  static void expect_enveloped(const Reply& reply) {
    ASSERT_EQ(reply.status, 200) << reply.body;
    expect_older_envelope(reply.json());
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
};

TEST_F(OlderClients, FindAProfileBareAndUnderData) {
  const auto of_bob = fmt::format("/api/users/{}", bob.id());
  for (const auto& target : {std::string{"/api/users/profile"}, of_bob + "/profile", of_bob}) {
    const auto reply = alice.get(target);
    expect_enveloped(reply);
    EXPECT_EQ(reply.json().at("fullname"), target == "/api/users/profile" ? "alice" : "bob");
  }
  const json change{{"title", "Engineer"}};
  for (const auto* method : {"PATCH", "PUT"}) {
    expect_enveloped(system.send(method, "/api/users/profile", change, alice.bearer()));
  }
  EXPECT_EQ(alice.get(of_bob).header("deprecation"), "true");
  EXPECT_EQ(alice.get(of_bob + "/profile").header("deprecation"), "");
}

TEST_F(OlderClients, FindTheSuccessOfAChangedPassword) {
  expect_enveloped(
      alice.post("/api/users/change-password",
                 {{"current_password", password_of("alice")}, {"new_password", "another one"}}));
}

TEST_F(OlderClients, ChangeLeaveAndDeleteAChatBelowWorkspace) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "plans");
  const auto path = fmt::format("/api/workspace/chats/{}", chat);
  const auto changed = alice.patch(path, {{"name", "great plans"}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.header("deprecation"), "true");
  EXPECT_EQ(alice.get(fmt::format("/api/chat/{}", chat)).json().at("name"), "great plans");
  EXPECT_EQ(bob.post(path + "/leave", json::object()).status, 204);
  EXPECT_EQ(bob.get(fmt::format("/api/chat/{}", chat)).status, 404);
  EXPECT_EQ(alice.remove(path).status, 204);
  EXPECT_EQ(alice.get("/api/chat").json(), json::array());
}

TEST_F(OlderClients, ReadTheMessagesNextToOne) {
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()});
  std::vector<std::int64_t> ids;
  for (int i = 1; i <= 9; ++i) ids.push_back(alice.posts(chat, fmt::format("{}", i)).at("id"));
  const auto context = [&](const Person& person, std::int64_t message, const char* query) {
    return person.get(fmt::format("/api/chats/{}/messages/{}/context{}", chat, message, query));
  };
  std::vector<int> seqs;
  for (const auto& message : context(bob, ids[4], "?limit=3").json()) {
    seqs.push_back(message.at("seq"));
  }
  EXPECT_THAT(seqs, testing::ElementsAre(6, 5, 4));
  const auto all = context(bob, ids[4], "?limit=500");
  EXPECT_EQ(all.json().size(), 9U);
  EXPECT_EQ(all.header("x-limit-applied"), "100");
  const auto unknown = context(bob, 987'654, "");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.json().at("code"), "message.not_found");
  EXPECT_EQ(context(carol, ids[4], "").status, 404);
}

// Each list has its maximum.
TEST_F(OlderClients, GetTheLongestPageWhenTheyAskForMore) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  const std::map<std::string, std::string> maxima{
      {"/api/chat", "500"},
      {"/api/workspace/chats", "500"},
      {"/api/users", "100"},
      {"/api/chats/public", "100"},
      {"/api/workspace/invitations", "100"},
      {"/api/threads", "100"},
      {"/api/mentions", "100"},
      {"/api/saved", "100"},
      {"/api/drafts", "100"},
      {"/api/scheduled", "100"},
      {fmt::format("/api/chat/{}/pins", chat), "100"},
      {fmt::format("/api/chat/{}/members", chat), "100"},
      {fmt::format("/api/chat/{}/messages", chat), "100"}};
  for (const auto& [path, maximum] : maxima) {
    const auto longest = alice.get(path + "?limit=1000");
    EXPECT_EQ(longest.status, 200) << path;
    EXPECT_EQ(longest.header("x-limit-applied"), maximum) << path;
    EXPECT_EQ(alice.get(path + "?limit=" + maximum).header("x-limit-applied"), "") << path;
    for (const auto* limit : {"0", "-1", "ten", "1.5"}) {
      const auto refused = alice.get(path + "?limit=" + limit);
      EXPECT_EQ(refused.status, 422) << path << limit;
      EXPECT_THAT(refused.body, HasSubstr(R"("field":"limit")")) << path << limit;
    }
  }
}

TEST(OlderClientsStream, ByATokenInTheQueryEndsWithItsSession) {
  System system{with_query_tokens()};
  const auto alice = system.signs_up("alice");
  const auto chat = alice.makes_chat("PrivateChannel", {});
  SseStream stream{system.notify.port(), "/events?access_token=" + alice.token(), {}};
  ASSERT_TRUE(stream.next("CaughtUp"));
  alice.posts(chat, "hello");
  EXPECT_TRUE(stream.next("NewMessage"));
  EXPECT_EQ(alice.post("/api/logout-all", json::object()).status, 200);
  EXPECT_TRUE(stream.ends());
}

}  // namespace
}  // namespace fechatter::test
