#include <fmt/format.h>
#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr const char* quota_key = "0f8fad5b-d9cb-469f-a165-70867728950e";

// A mebibyte for each user, or for each workspace.
class Quotas : public testing::Test {
 protected:
  explicit Quotas(const std::string& setting) : system{with(setting)} {}

  static SystemOptions with(const std::string& setting) {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_QUOTAS__COUNT_SECONDS", "1"}, {setting, "1"}};
    return options;
  }
  // Alice posts more than a mebibyte, the first message with an idempotency key. Some are refused,
  // when they are counted meanwhile.
  void fill() {
    first = alice.tries_to_post(chat, draft(), {{"Idempotency-Key", quota_key}}).json();
    filled = {first};
    for (int i = 0; i < 27; ++i) {
      const auto reply = alice.tries_to_post(chat, draft());
      if (reply.status == 201) filled.push_back(reply.json());
    }
  }
  // Of 40 KB.
  static json draft() {
    std::string content;
    for (int i = 0; i < 10'000; ++i) content += "👩";
    return {{"content", content}};
  }
  bool is_refused(const Person& person, const std::string& code) {
    return eventually([&] {
      const auto reply = person.tries_to_post(chat, {{"content", "x"}});
      return reply.status == 413 && reply.json().at("code") == code;
    });
  }
  bool is_accepted(const Person& person) {
    return eventually([&] { return person.tries_to_post(chat, {{"content", "x"}}).status == 201; });
  }
  std::string path_of(const json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<std::int64_t>());
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  json first;
  std::vector<json> filled;
};

class UserQuota : public Quotas {
 protected:
  UserQuota() : Quotas{"FECHATTER_QUOTAS__USER_MIB"} {}
};

class WorkspaceQuota : public Quotas {
 protected:
  WorkspaceQuota() : Quotas{"FECHATTER_QUOTAS__WORKSPACE_MIB"} {}
};

TEST_F(UserQuota, AUserWithoutStorageIsRefusedAndNoOther) {
  fill();
  ASSERT_TRUE(is_refused(alice, "quota.user"));
  EXPECT_EQ(bob.tries_to_post(chat, {{"content", "x"}}).status, 201);
  EXPECT_EQ(alice.patch(path_of(first), {{"content", "y"}}).status, 413);
  // The message of a repeated request is there already.
  const auto again = alice.tries_to_post(chat, draft(), {{"Idempotency-Key", quota_key}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json().at("id"), first.at("id"));
}

TEST_F(UserQuota, DraftsAndMessagesThatWaitCountUntilTheyEnd) {
  const auto path = fmt::format("/api/chat/{}/draft", chat);
  const auto put = [&](json body) {
    body["version"] = 0;
    return system.send("PUT", path, body, alice.bearer()).status;
  };
  auto later = draft();
  later["send_at"] = to_rfc3339(now() + std::chrono::hours{24});
  const auto schedule = [&] {
    return alice.post(fmt::format("/api/chat/{}/scheduled", chat), later).status;
  };
  ASSERT_EQ(put(draft()), 200);
  for (int i = 0; i < 26; ++i) ASSERT_EQ(schedule(), 201);
  ASSERT_TRUE(is_refused(alice, "quota.user"));
  EXPECT_EQ(schedule(), 413);
  EXPECT_EQ(put({{"content", "x"}}), 413);
  EXPECT_EQ(put({{"content", ""}}), 409);  // of another version, but no matter of storage
  EXPECT_EQ(alice.remove(path).status, 200);
  for (const auto& waiting : alice.get("/api/scheduled").json()) {
    alice.remove(fmt::format("/api/scheduled/{}", waiting.at("id").get<std::int64_t>()));
  }
  EXPECT_TRUE(is_accepted(alice));
}

TEST_F(UserQuota, DeletingMessagesFreesStorage) {
  fill();
  ASSERT_TRUE(is_refused(alice, "quota.user"));
  for (const auto& message : filled) {
    EXPECT_EQ(alice.remove(path_of(message)).status, 204);
  }
  EXPECT_TRUE(is_accepted(alice));
}

TEST_F(UserQuota, WhatAUserStoredInAChatCountsAfterLeavingIt) {
  const auto single = std::exchange(chat, bob.makes_chat("PublicChannel", {}, "general"));
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/join", chat), json::object()).status, 200);
  fill();
  ASSERT_EQ(alice.post(fmt::format("/api/chat/{}/leave", chat), json::object()).status, 204);
  chat = single;
  EXPECT_TRUE(is_refused(alice, "quota.user"));
}

TEST_F(WorkspaceQuota, AWorkspaceWithoutStorageIsRefusedAndNoOther) {
  fill();
  ASSERT_TRUE(is_refused(bob, "quota.workspace"));
  chat = mallory.makes_chat("PrivateChannel", {}, "alone");
  EXPECT_EQ(mallory.tries_to_post(chat, {{"content", "x"}}).status, 201);
}

// What is stored is counted by the statements that change it.
TEST_F(UserQuota, TheCountsAreThoseOfTheMessages) {
  const auto edited = alice.posts(chat, "short");
  bob.posts(chat, "Grüße");
  const auto deleted = alice.tries_to_post(chat, draft()).json();
  ASSERT_EQ(alice.patch(path_of(edited), {{"content", "much longer"}}).status, 200);
  ASSERT_EQ(alice.remove(path_of(deleted)).status, 204);
  EXPECT_EQ(system.database->number(
                "SELECT count(*) FROM chat_members c WHERE c.stored_bytes <>"
                " (SELECT coalesce(sum(stored_bytes(m.content, m.files)"
                "   + (SELECT coalesce(sum(octet_length(e.content)), 0) FROM message_edits e"
                "      WHERE e.message_id = m.id)), 0) FROM messages m"
                "  WHERE m.chat_id = c.chat_id AND m.sender_id = c.user_id)"),
            0);
  EXPECT_EQ(system.database->number("SELECT sum(stored_bytes) FROM chat_members"), 11 + 7 + 5);
}

}  // namespace
}  // namespace fechatter::test
