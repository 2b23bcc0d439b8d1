#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// Reports of users, letter B: what literally matches comes first.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Texts = std::vector<std::string>;

class LiteralSearch : public testing::Test {
 protected:
  static SystemOptions options(const Environment& more = {}) {
    SystemOptions options;
    options.start_notify = false;
    options.server = more;
    return options;
  }
  void SetUp() override {
    for (const auto* text :
         {"C++", "C#", "see https://x.example", "git push --force", "C", "vitamin C", "the end"}) {
      alice.posts(chat, text);
    }
    ASSERT_TRUE(eventually([&] { return !texts_found("end").empty(); }));
  }
  Reply search(const std::string& query) {
    return alice.post("/api/search/messages", {{"q", query}});
  }
  Texts texts_found(const std::string& query) {
    const auto answer = search(query);
    if (answer.status != 200) return {answer.body};
    const auto page = answer.json();
    Texts texts;
    for (const auto& hit : page.at("hits")) texts.push_back(hit.at("content"));
    return texts;
  }

  System system{options()};
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PublicChannel", {}, "general");
};

TEST_F(LiteralSearch, WhatHoldsTheQueryAsItIsWrittenComesFirst) {
  struct FoundRow {
    std::string query;
    Texts texts;
  };
  const std::vector<FoundRow> found{
      {"C++", {"C++", "vitamin C", "C", "C#"}},
      {"c#", {"C#", "vitamin C", "C", "C++"}},
      {"\"C++\"", {"C++"}},
      {"“C#”", {"C#"}},
      {"\"C\"", {"vitamin C", "C", "C#", "C++"}},
      {"\"vitamin C++\"", {}},
      {"C -\"C++\"", {"vitamin C", "C", "C#"}},
      {"C -C++ -C#", {"vitamin C", "C"}},
      {"git push --force", {"git push --force"}},
      {"--force", {"git push --force"}},
      {"\"--force\"", {"git push --force"}},
      {"push \"++\"", {}},
      {"push \"--\"", {"git push --force"}},
      {"FROM:me has:LINK", {"see https://x.example"}},
      {"In：general vitamin", {"vitamin C"}},
  };
  for (const auto& [query, texts] : found) EXPECT_EQ(texts_found(query), texts) << query;
}

TEST_F(LiteralSearch, AQueryThatHoldsNothingToLookForIsRefused) {
  for (const auto* query : {"%", "*", "()", "\\", "\"\"", "++", "...", "\"++\"", "-", "--",
                            "\u200b", "->", "-\"\"", "“”"}) {
    EXPECT_EQ(search(query).status, 422) << query;
    const auto in_chat = alice.get(fmt::format("/api/chat/{}/messages/search?q=%25", chat));
    EXPECT_EQ(in_chat.status, 422);
  }
  for (const auto* query : {"-from:ben", "-in:12", "-has:file", "-before:today", "x -FROM:ben"}) {
    const auto refused = search(query);
    EXPECT_EQ(refused.status, 422) << query;
    EXPECT_THAT(refused.body, HasSubstr("cannot be negated")) << query;
  }
}

TEST_F(LiteralSearch, AQueryNamesEightPeopleAndChatsAtMost) {
  std::string query;
  for (int i = 0; i < 8; ++i) query += "from:alice ";
  EXPECT_EQ(search(query).status, 200);
  EXPECT_EQ(search(query + "in:general").status, 422);
}

TEST(SearchRate, SearchesHaveARateOfTheirOwn) {
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_LIMITS__SEARCH_PER_SECOND", "1"},
                    {"FECHATTER_LIMITS__SEARCH_BURST", "3"}};
  System system{options};
  const auto alice = system.signs_up("alice");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(alice.get("/api/search/messages?q=x").status, 200);
  const auto refused = alice.get("/api/search/messages?q=x");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(alice.get("/api/chat").status, 200);
}

}  // namespace
}  // namespace fechatter::test
