#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/support/system.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr std::size_t page_bytes_max = 1024 * 1024;
constexpr std::size_t chat_page_bytes_max = 4 * page_bytes_max;

// Four bytes each.
std::string faces(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "👩";
  return text;
}

// Of about 40 KB as JSON.
json large_draft(const std::string& content) {
  return {{"content", content + " " + faces(9900)}};
}

class Budgets : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  static std::string longest_url() {
    std::string url = "https://files.example/";
    url.resize(2048, 'x');
    return url;
  }
  std::string path(const std::string& query = {}) const {
    return fmt::format("/api/chat/{}/messages{}", chat, query);
  }
  void post_large(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(alice.tries_to_post(chat, large_draft(fmt::format("large {}", i))).status, 201);
    }
  }
  // The seqs of a page, which must be within its bytes.
  static std::vector<int> seqs_of(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body.substr(0, 500);
    EXPECT_LE(reply.body.size(), page_bytes_max);
    std::vector<int> seqs;
    const auto page = reply.json();
    for (const auto& message : page) seqs.push_back(message.at("seq"));
    return seqs;
  }
  void expect_too_large(const Reply& reply, const std::string& field) {
    EXPECT_EQ(reply.status, 422) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "message.too_large");
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field);
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Budgets, AMessageThatIsTooLargeIsRefusedByItsLongestField) {
  const auto with_files = [&](std::size_t count) {
    return json{{"content", faces(9900)},
                {"files", std::vector<std::string>(count, longest_url())}};
  };
  expect_too_large(alice.tries_to_post(chat, with_files(20)), "files");
  expect_too_large(alice.tries_to_post(chat, with_files(13)), "content");
  const auto small_enough = alice.tries_to_post(chat, with_files(12)).json();
  EXPECT_EQ(small_enough.at("errors")[0].at("field"), "files");  // not too large, but unknown
  EXPECT_EQ(small_enough.at("code"), "request.invalid_fields");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM messages"), 0);
}

TEST_F(Budgets, AnEditCannotMakeAMessageTooLarge) {
  const auto sent = alice.posts(chat, "large");
  // As a message of before files were uploaded here.
  system.database->query(
      fmt::format("UPDATE messages SET files = array_fill('{}'::text, '{{20}}')", longest_url()));
  const auto target = path(fmt::format("/{}", sent.at("id").get<std::int64_t>()));
  expect_too_large(alice.patch(target, {{"content", faces(9900)}}), "content");
  EXPECT_EQ(bob.get(path()).json()[0].at("content"), "large");
  EXPECT_EQ(alice.patch(target, {{"content", "short"}}).status, 200);
}

TEST_F(Budgets, ControlCharactersAreRefusedInContentAndFiles) {
  const auto refused = [&](const json& draft) {
    const auto reply = alice.tries_to_post(chat, draft);
    EXPECT_EQ(reply.status, 422);
    return reply.json().at("errors")[0].at("field").get<std::string>();
  };
  EXPECT_EQ(refused({{"content", "a\x01"}}), "content");
  EXPECT_EQ(refused({{"content", "\x1b[31m"}}), "content");
  EXPECT_EQ(refused({{"files", {"https://files.example/\x1f"}}}), "files[0]");
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", "\t tabs \r\n and lines"}}).status, 201);
}

TEST_F(Budgets, APageOfFiftyOrdinaryMessagesIsNeverCut) {
  for (int i = 0; i < 50; ++i) alice.posts(chat, std::string(10'000, 'x'));
  const auto reply = bob.get(path());
  EXPECT_EQ(seqs_of(reply).size(), 50U);
  EXPECT_EQ(reply.header("x-next-cursor"), "");
}

TEST_F(Budgets, PagesThatTheirBytesEndedAreContinuedByTheCursor) {
  post_large(60);
  std::vector<int> backwards;
  std::string query = "?limit=100";
  int pages = 0;
  for (std::string next = "first"; !next.empty(); ++pages) {
    const auto reply = bob.get(path(query));
    const auto seqs = seqs_of(reply);
    backwards.insert(backwards.end(), seqs.begin(), seqs.end());
    next = reply.header("x-next-cursor");
    query = "?limit=100&before=" + next;
  }
  EXPECT_GT(pages, 2);
  ASSERT_EQ(backwards.size(), 60U);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(backwards[static_cast<std::size_t>(i)], 60 - i);
}

TEST_F(Budgets, APageAfterAMessageHasThoseNextToIt) {
  post_large(40);
  const auto first = system.database->number("SELECT min(id) FROM messages");
  std::vector<int> forwards{1};
  auto next = std::to_string(first);
  while (!next.empty()) {
    const auto reply = bob.get(path("?limit=100&after=" + next));
    const auto seqs = seqs_of(reply);
    ASSERT_FALSE(seqs.empty());
    forwards.insert(forwards.end(), seqs.rbegin(), seqs.rend());
    next = reply.header("x-next-cursor");
  }
  ASSERT_EQ(forwards.size(), 40U);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(forwards[static_cast<std::size_t>(i)], i + 1);
}

TEST_F(Budgets, APageAroundAMessageIsCutAtBothEnds) {
  post_large(60);
  const auto middle = system.database->number("SELECT id FROM messages WHERE seq = 30");
  const auto reply = bob.get(path(fmt::format("?limit=100&around={}", middle)));
  const auto seqs = seqs_of(reply);
  ASSERT_GT(seqs.size(), 10U);
  for (std::size_t i = 1; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], seqs[i - 1] - 1);
  ASSERT_LT(seqs.size(), 60U);
  EXPECT_NEAR(seqs.front() - 30, 30 - seqs.back(), 1);
  EXPECT_EQ(reply.header("x-next-cursor"), std::to_string(reply.json().back().at("id").get<int>()));
}

TEST_F(Budgets, APageOfHitsIsContinuedByItsCursor) {
  post_large(30);
  ASSERT_TRUE(eventually(
      [&] { return alice.get("/api/search/messages?q=large&limit=1").json().at("total") == 30; }));
  std::set<int> found;
  std::string query = "/api/search/messages?q=large&limit=100";
  int pages = 0;
  for (std::string next = "first"; !next.empty(); ++pages) {
    const auto reply = alice.get(query);
    EXPECT_LE(reply.body.size(), page_bytes_max + 16 * 1024);  // with the facets, twice
    const auto page = reply.json();
    for (const auto& hit : page.at("hits"))
      EXPECT_TRUE(found.insert(hit.at("seq").get<int>()).second);
    next = reply.header("x-next-cursor");
    if (!next.empty()) {
      EXPECT_EQ(page.at("next_cursor"), next);
    }
    query = "/api/search/messages?q=large&limit=100&cursor=" + next;
  }
  EXPECT_GT(pages, 2);
  EXPECT_EQ(found.size(), 30U);
}

TEST_F(Budgets, TheListOfChatsIsPagedAndCompletelyReachable) {
  system.database->query(fmt::format(
      "SELECT create_chat(workspace_id, id, 'private_channel', 'channel ' || i, '', ARRAY[id])"
      " FROM users, generate_series(1, 1010) i WHERE id = {}",
      alice.id()));
  std::set<std::int64_t> found;
  std::string query = "/api/chat";
  std::vector<std::size_t> sizes;
  for (std::string next = "first"; !next.empty();) {
    const auto reply = alice.get(query);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto page = reply.json();
    sizes.push_back(page.size());
    for (const auto& entry : page)
      EXPECT_TRUE(found.insert(entry.at("id").get<std::int64_t>()).second);
    next = reply.header("x-next-cursor");
    query = "/api/chat?cursor=" + next;
  }
  EXPECT_THAT(sizes, testing::ElementsAre(500, 500, 11));
}

TEST_F(Budgets, AShortPageOfChatsHasTheMostActiveOnesAndACursorForTheRest) {
  std::vector<std::int64_t> made{chat};
  for (int i = 0; i < 4; ++i) made.push_back(alice.makes_chat("PrivateChannel", {}));
  std::reverse(made.begin(), made.end());
  std::vector<std::int64_t> found;
  std::string query = "?limit=2";
  for (const std::size_t size : {2U, 2U, 1U}) {
    const auto page = alice.get("/api/chat" + query);
    EXPECT_EQ(page.json().size(), size);
    for (const auto& entry : page.json()) found.push_back(entry.at("id"));
    query = "?limit=2&cursor=" + page.header("x-next-cursor");
    EXPECT_EQ(page.header("x-next-cursor").empty(), size == 1);
  }
  EXPECT_EQ(found, made);
}

TEST_F(Budgets, AHiddenChatTakesNoPlaceOnAPage) {
  system.database->query(fmt::format(
      "SELECT create_chat(workspace_id, id, 'private_channel', 'channel ' || i, '', ARRAY[id])"
      " FROM users, generate_series(1, 560) i WHERE id = {0};"
      "UPDATE chat_members SET hidden_through_seq = 0"
      " WHERE user_id = {0} AND chat_id IN (SELECT id FROM chats WHERE name LIKE '%0')",
      alice.id()));
  const auto first = alice.get("/api/chat");
  EXPECT_EQ(first.json().size(), 500U);
  const auto rest = alice.get("/api/chat?cursor=" + first.header("x-next-cursor"));
  EXPECT_EQ(rest.json().size(), 5U);
  EXPECT_EQ(rest.header("x-next-cursor"), "");
}

TEST_F(Budgets, TheListOfChatsEndsWithItsBytes) {
  system.database->query(fmt::format(
      "UPDATE users SET bio = repeat('語', 1000), avatar_url = repeat('語', 2048) WHERE id = {0};"
      "INSERT INTO users (workspace_id, fullname, email, password_hash, bio, avatar_url)"
      " SELECT workspace_id, 'friend', i || '@acme.example', 'x', bio, avatar_url"
      " FROM users, generate_series(1, 480) i WHERE id = {0};"
      "SELECT create_chat(u.workspace_id, {0}, 'single', '', '', ARRAY[{0}, u.id])"
      " FROM users u WHERE u.fullname = 'friend'",
      alice.id()));
  const auto reply = alice.get("/api/chat");
  EXPECT_LE(reply.body.size(), chat_page_bytes_max);
  EXPECT_LT(reply.json().size(), 481U);
  const auto rest = alice.get("/api/chat?cursor=" + reply.header("x-next-cursor"));
  EXPECT_EQ(reply.json().size() + rest.json().size(), 481U);
}

TEST_F(Budgets, AnInvalidPageOfChatsIsRefusedByName) {
  for (const auto& [query, field] : std::vector<std::pair<std::string, std::string>>{
           {"?limit=0", "limit"},
           {"?cursor=x", "cursor"},
           {"?cursor=9223372036854775807-1", "cursor"}}) {
    const auto reply = alice.get("/api/chat" + query);
    EXPECT_EQ(reply.status, 422) << query;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field) << query;
  }
}

TEST_F(Budgets, TheLastMessageOfAChatIsAPreview) {
  const auto& owner = system.database->owner_url();
  const json draft{
      {"content", std::string(100, 'x')},
      {"files", {upload(owner, alice.id(), "1.png"), upload(owner, alice.id(), "2.png")}}};
  ASSERT_EQ(alice.tries_to_post(chat, draft).status, 201);
  auto preview = bob.get("/api/chat").json()[0].at("last_message");
  EXPECT_EQ(preview.at("content"), draft.at("content"));
  EXPECT_EQ(preview.at("files"), json::array({draft.at("files")[0]}));
  ASSERT_EQ(preview.at("attachments").size(), 1U);
  EXPECT_EQ(preview.at("attachments")[0].at("name"), "1.png");
  EXPECT_EQ(preview.at("content_truncated"), true);
  for (const std::string letter : {"x", "語", "😀"}) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += letter;
    for (const auto& [sent, truncated] : {std::pair{text, false}, {text + letter, true}}) {
      alice.posts(chat, sent);
      preview = bob.get("/api/chat").json()[0].at("last_message");
      EXPECT_EQ(preview.at("content"), text);
      EXPECT_EQ(preview.at("content_truncated"), truncated);
    }
  }
}

TEST_F(Budgets, APageOfUsersEndsWithItsBytes) {
  system.database->query(fmt::format(
      "INSERT INTO users (workspace_id, fullname, email, password_hash, bio, avatar_url)"
      " SELECT workspace_id, 'user', i || '@acme.example', 'x', repeat('👩', 1000),"
      " repeat('👩', 2048) FROM users, generate_series(1, 100) i WHERE id = {}",
      alice.id()));
  const auto first = alice.get("/api/users?limit=100");
  EXPECT_LE(first.body.size(), page_bytes_max);
  EXPECT_LT(first.json().size(), 100U);
  const auto rest = alice.get("/api/users?limit=100&after_id=" + first.header("x-next-cursor"));
  EXPECT_EQ(first.json().size() + rest.json().size(), 102U);
}

}  // namespace
}  // namespace fechatter::test
