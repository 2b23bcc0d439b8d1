#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "tests/support/system.hpp"

// Cases that users of other chat systems reported about the state of chats, each as a line with the
// right answer.
namespace fechatter::test {
namespace {

using nlohmann::json;

class StateCases : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  static std::string path(std::int64_t chat, const std::string& rest = {}) {
    return fmt::format("/api/chat/{}{}", chat, rest);
  }
  int status_of(const json& draft) { return alice.post("/api/chat", draft).status; }
  static std::string named_field(const Reply& reply) {
    return fmt::format("{} {}", reply.status,
                       reply.json().at("errors")[0].at("field").get<std::string>());
  }
  void suspend(const Person& person) {
    alice.patch(fmt::format("/api/workspace/members/{}", person.id()), {{"status", "Suspended"}});
  }
  // The unread count of alice after bob has sent 4 messages and deleted some.
  std::string unread_after_deleting(int deleted) {
    const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "unread");
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(bob.posts(chat, "hello").at("id"));
    for (int i = 0; i < deleted; ++i) {
      bob.remove(path(chat, fmt::format("/messages/{}", ids.at(static_cast<std::size_t>(i)))));
    }
    for (const auto& item : alice.get("/api/chat").json()) {
      if (item.at("id") == chat) return item.at("unread_count").dump();
    }
    return "not listed";
  }
  std::string single_with_a_suspended_member() {
    const auto dave = system.signs_up("dave");
    const auto single = alice.makes_chat("Single", {dave.id()}, "");
    suspend(dave);
    const auto again = alice.post("/api/chat", {{"chat_type", "Single"}, {"members", {dave.id()}}});
    return fmt::format("{} {}", again.status,
                       again.json().value("id", 0) == single ? "that chat" : again.body);
  }
  std::string first_single_with_a_suspended_member() {
    const auto erin = system.signs_up("erin");
    suspend(erin);
    return named_field(
        alice.post("/api/chat", {{"chat_type", "Single"}, {"members", {erin.id()}}}));
  }
  std::string channel_of_a_suspended_owner() {
    const auto frank = system.signs_up("frank");
    const auto chat = frank.makes_chat("PrivateChannel", {bob.id()}, "of frank");
    suspend(frank);
    const auto renamed = bob.patch(path(chat), {{"name", "of bob"}}).status;
    return fmt::format("{} {}", renamed, bob.remove(path(chat)).status);
  }
  json draft_with(const std::string& type, const json& more) const {
    json draft{{"chat_type", type}, {"name", "a name"}};
    draft.update(more);
    return draft;
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
};

struct StateCase {
  std::string name;
  std::function<std::string()> did;
  std::string right;
};

TEST_F(StateCases, AreAnsweredAsUsersExpect) {
  const auto differ = [this](const std::string& type, const json& members, const json& ids) {
    const auto draft = draft_with(type, {{"members", members}, {"member_ids", ids}});
    return named_field(alice.post("/api/chat", draft));
  };
  const auto made = [this](const std::string& type, const json& more) {
    return std::to_string(status_of(draft_with(type, more)));
  };
  const json me{alice.id()};
  const json others{bob.id(), carol.id()};
  const std::vector<StateCase> cases{
      {"28: 4 unread", [&] { return unread_after_deleting(0); }, "4"},
      {"28: 2 of them deleted", [&] { return unread_after_deleting(2); }, "2"},
      {"28: all deleted", [&] { return unread_after_deleting(4); }, "0"},
      {"29: an existing Single, suspended", [&] { return single_with_a_suspended_member(); },
       "200 that chat"},
      {"29: a new Single, suspended", [&] { return first_single_with_a_suspended_member(); },
       "422 members"},
      {"67: a PublicChannel with oneself",
       [&] {
         return made("PublicChannel", {{"members", me}});
       },
       "201"},
      {"67: members and member_ids differ", [&] { return differ("Group", others, me); },
       "422 member_ids"},
      {"67: the same in other types", [&] { return differ("PublicChannel", me, others); },
       "422 member_ids"},
      {"67: both alike",
       [&] {
         return made("Group", {{"members", others}, {"member_ids", others}});
       },
       "201"},
      {"67: one of them null",
       [&] {
         return made("Group", {{"members", nullptr}, {"member_ids", others}});
       },
       "201"},
      {"a private channel of a suspended owner", [&] { return channel_of_a_suspended_owner(); },
       "200 204"},
  };
  for (const auto& one : cases) EXPECT_EQ(one.did(), one.right) << one.name;
}

TEST_F(StateCases, TwoDifferentNamesOfOneParameterAreRefused) {
  const auto chat = alice.makes_chat("PrivateChannel", {}, "plans");
  const auto first = alice.posts(chat, "one").at("id").get<std::int64_t>();
  const auto page = [&](std::int64_t before, std::int64_t last) {
    return alice.get(path(chat, fmt::format("/messages?before={}&last_id={}", before, last)));
  };
  EXPECT_EQ(named_field(page(first, first + 1)), "422 last_id");
  EXPECT_EQ(page(first, first).status, 200);
}

TEST_F(StateCases, AddingMembersByTwoDifferentNamesIsRefused) {
  const auto chat = alice.makes_chat("PrivateChannel", {}, "plans");
  const json body{{"members", {bob.id()}}, {"member_ids", {carol.id()}}};
  EXPECT_EQ(named_field(alice.post(path(chat, "/members"), body)), "422 member_ids");
}

}  // namespace
}  // namespace fechatter::test
