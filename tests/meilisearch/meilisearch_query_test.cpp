#include <gmock/gmock.h>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"
#include "tests/meilisearch/messages.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::message;
using test::phrase;
using test::prefix;
using test::query;
using test::without;
using test::word;
using testing::ElementsAre;

json hit(std::int64_t id, std::int64_t errors, std::int64_t exact_words, const char* match_type) {
  json exactness{{"order", 1}, {"matchType", match_type}};
  if (std::string{match_type} == "noExactMatch") {
    exactness["matchingWords"] = exact_words;
    exactness["maxMatchingWords"] = 2;
  }
  return {{"id", id},
          {"chat_id", 7},
          {"sender_id", 5},
          {"created_at", 1000 + id},
          {"version", 2000 + id},
          {"_rankingScoreDetails",
           {{"typo", {{"order", 0}, {"typoCount", errors}, {"maxTypoCount", 3}}},
            {"exactness", exactness}}}};
}

TEST(MeilisearchQuery, ALongWordForgivesErrorsAndEverythingElseIsQuoted) {
  EXPECT_THAT(query_texts({word("deploy")}), ElementsAre("deploy "));
  EXPECT_THAT(query_texts({word("ship")}), ElementsAre("\"ship\" "));
  EXPECT_THAT(query_texts({word("привет")}), ElementsAre("привет "));
  EXPECT_THAT(query_texts({word("мама")}), ElementsAre("\"мама\" "));  // 8 bytes, 4 letters
  EXPECT_THAT(query_texts({word("ticket42")}), ElementsAre("\"ticket42\" "));
  EXPECT_THAT(query_texts({word("parse-config")}), ElementsAre("\"parse-config\" "));
  EXPECT_THAT(query_texts({word("今天天气很好")}), ElementsAre("\"今 天 天 气 很 好\" "));
}

TEST(MeilisearchQuery, CharactersThatAreWordsStandApart) {
  EXPECT_EQ(apart("Q3报告 ok"), "Q3 报 告  ok");
  EXPECT_EQ(apart("회의가"), "회 의 가");
  EXPECT_EQ(apart("カメラ"), "カ メ ラ");
  EXPECT_EQ(apart("naïve 🎉 tiếng việt"), "naïve 🎉 tiếng việt");
  EXPECT_EQ(apart(""), "");
  EXPECT_EQ(to_document(message(1, "今天")).at("content"), "今 天");
}

TEST(MeilisearchQuery, AWordOfAnAlphabetIsPlain) {
  for (const auto* text : {"deploy", "v2", "naïve", "привет", "tiếng", "नमस्ते", "שלום"}) {
    EXPECT_TRUE(is_plain_word(text)) << text;
  }
  for (const auto* text :
       {"parse-config", "a b", "don't", "2×3", "今天", "회의", "สวัสดี", "🎉", "a…"}) {
    EXPECT_FALSE(is_plain_word(text)) << text;
  }
}

TEST(MeilisearchQuery, TheWordToBeCompletedStandsAtTheEnd) {
  EXPECT_THAT(query_texts({prefix("conf"), word("deploy")}), ElementsAre("deploy conf"));
  EXPECT_THAT(query_texts({prefix("今天")}), ElementsAre("\"今 天\" "));
}

TEST(MeilisearchQuery, WhatIsTypedNeitherClosesAQuotationNorExcludes) {
  EXPECT_THAT(query_texts({phrase("say \"hi\" -now")}), ElementsAre("\"say  hi  -now\" "));
  EXPECT_THAT(query_texts({word("-deploy")}), ElementsAre("\"-deploy\" "));
  EXPECT_THAT(query_texts({prefix("\"x")}), ElementsAre("\" x\" "));
}

TEST(MeilisearchQuery, ExcludedTermsComeFirst) {
  EXPECT_THAT(query_texts({word("deploy"), without(word("failed")), without(phrase("a b"))}),
              ElementsAre("-\"failed\" -\"a b\" deploy "));
  EXPECT_THAT(query_texts({without(word("failed"))}), ElementsAre("-\"failed\" "));
  EXPECT_THAT(query_texts({}), ElementsAre(""));
}

TEST(MeilisearchQuery, MoreTermsThanMeilisearchLooksAtBecomeFurtherQueries) {
  std::vector<SearchTerm> terms(11, word("longish"));
  terms.push_back(prefix("conf"));
  const auto texts = query_texts(terms);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].ends_with(" conf"));
  EXPECT_EQ(texts[1], "longish longish ");
}

TEST(MeilisearchQuery, EachWordToBeCompletedHasAQueryOfItsOwn) {
  EXPECT_THAT(query_texts({prefix("conf"), prefix("pars"), prefix("read")}),
              ElementsAre("conf", "pars", "read"));
}

TEST(MeilisearchQuery, TheFilterHoldsAllConditions) {
  EXPECT_EQ(filter_text(query({})), "workspace_id = 3 AND deleted = false AND chat_id IN [7]");
  auto narrow = query({});
  narrow.chats = {ChatId{7}, ChatId{8}};
  narrow.senders = {UserId{5}, UserId{6}};
  narrow.from = from_unix_micros(1000);
  narrow.until = from_unix_micros(2000);
  narrow.has_file = true;
  narrow.has_link = true;
  EXPECT_EQ(filter_text(narrow),
            "workspace_id = 3 AND deleted = false AND chat_id IN [7, 8] AND sender_id IN [5, 6]"
            " AND created_at >= 1000 AND created_at < 2000 AND has = file AND has = link");
}

TEST(MeilisearchQuery, ASearchAsksForAllWordsAndAsManyMatchesAsAreCounted) {
  const auto body = search_body("hello", "id IN [1]", SearchSort::relevance);
  EXPECT_EQ(body.at("matchingStrategy"), "all");
  EXPECT_EQ(body.at("limit"), search_total_max);
  EXPECT_FALSE(body.contains("sort"));
  EXPECT_EQ(search_body("", "", SearchSort::newest).at("sort"), json::array({"created_at:desc"}));
}

TEST(MeilisearchQuery, RelevantIsTheLeastMisspeltThenTheMostExactThenTheNewest) {
  const json answer{
      {"hits",
       {hit(1, 0, 2, "exactMatch"), hit(2, 0, 2, "matchesStart"), hit(3, 0, 2, "noExactMatch"),
        hit(4, 0, 1, "noExactMatch"), hit(5, 1, 2, "noExactMatch"), hit(6, 1, 2, "noExactMatch")}}};
  const auto matches = matches_of(answer, SearchSort::relevance);
  EXPECT_THAT(test::ids_of(matches), ElementsAre(3, 2, 1, 4, 6, 5));
  for (std::size_t i = 1; i < matches.size(); ++i) {
    EXPECT_GE(matches[i - 1].score, matches[i].score);
    EXPECT_GT(matches[i].score, 0);
  }
  EXPECT_EQ(matches.front().score, 1);
}

TEST(MeilisearchQuery, NewestIsByTimeAlone) {
  const json answer{{"hits", {hit(1, 0, 2, "exactMatch"), hit(2, 2, 0, "noExactMatch")}}};
  EXPECT_THAT(test::ids_of(matches_of(answer, SearchSort::newest)), ElementsAre(2, 1));
}

TEST(MeilisearchQuery, AMatchSaysWhatWasFound) {
  const json answer{{"hits", json::array({hit(9, 0, 2, "exactMatch")})}};
  const auto match = matches_of(answer, SearchSort::relevance).at(0);
  EXPECT_EQ(match.id, MessageId{9});
  EXPECT_EQ(match.chat_id, ChatId{7});
  EXPECT_EQ(match.sender_id, UserId{5});
  EXPECT_EQ(match.created_at, from_unix_micros(1009));
  EXPECT_EQ(match.version, from_unix_micros(2009));
}

TEST(MeilisearchDocument, AFileIsFoundByItsNameAndALinkByBeingOne) {
  auto sent = message(1, "see https://example.org");
  sent.files = {"/api/files/3/ab/Quarterly%20report.pdf?size=1", "plain.txt"};
  const auto document = to_document(sent);
  EXPECT_EQ(document.at("files"), (json{"Quarterly report.pdf", "plain.txt"}));
  EXPECT_EQ(document.at("has"), (json{"file", "link"}));
  EXPECT_EQ(to_document(message(2, "no such thing")).at("has"), json::array());
}

TEST(MeilisearchDocument, OfADeletedMessageNothingThatWasWrittenIsKept) {
  auto sent = message(1, "see https://example.org");
  sent.files = {"/api/files/3/ab/report.pdf"};
  const auto document = to_document(test::deleted(sent));
  EXPECT_EQ(document.at("content"), "");
  EXPECT_EQ(document.at("files"), json::array());
  EXPECT_EQ(document.at("has"), json::array());
  EXPECT_EQ(document.at("deleted"), true);
}

TEST(MeilisearchSettingsText, WhoeverChangesThemRaisesTheVersion) {
  EXPECT_EQ(messages_index_version, 1);
  EXPECT_EQ(
      messages_settings().dump(),
      R"({"facetSearch":false,"filterableAttributes":["chat_id","created_at","deleted","has","id",)"
      R"("sender_id","workspace_id"],"pagination":{"maxTotalHits":1000},"rankingRules":["sort",)"
      R"("words","typo","exactness","created_at:desc"],"searchableAttributes":["content","files"],)"
      R"("sortableAttributes":["created_at"],"typoTolerance":{"enabled":true,)"
      R"("minWordSizeForTypos":{"oneTypo":5,"twoTypos":9}}})");
}

}  // namespace
}  // namespace fechatter::server
