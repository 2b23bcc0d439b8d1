#include <gmock/gmock.h>

#include "fechatter_server/search/meilisearch_documents.hpp"
#include "fechatter_server/search/meilisearch_query.hpp"
#include "fechatter_server/search/meilisearch_words.hpp"
#include "fechatter_server/search/misspelling.hpp"
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

std::vector<std::string> texts_of(const std::vector<SearchTerm>& terms) {
  std::vector<std::string> texts;
  for (const auto& query : query_texts(terms)) texts.push_back(query.text);
  return texts;
}

TEST(MeilisearchQuery, ALongWordToleratesErrorsAndEveryOtherTermIsAPhrase) {
  EXPECT_THAT(texts_of({word("Deploy")}), ElementsAre("þdeploy "));
  EXPECT_THAT(texts_of({word("ship")}), ElementsAre("\"þship\" "));
  EXPECT_THAT(texts_of({word("привет")}), ElementsAre("ѱпривет "));
  EXPECT_THAT(texts_of({word("мама")}), ElementsAre("\"ѱмама\" "));
  EXPECT_THAT(texts_of({word("ticket42")}), ElementsAre("\"þticket42\" "));
  EXPECT_THAT(texts_of({word("parse-config")}), ElementsAre("\"þparse þconfig\" "));
}

TEST(MeilisearchQuery, AQueryToleratesTheErrorsOfItsWords) {
  EXPECT_THAT(query_texts({word("deploy"), word("parliament"), word("ship"), prefix("привет")}),
              ElementsAre(QueryText{"þdeploy þparliament \"þship\" ѱпривет", 4}));
  EXPECT_THAT(query_texts({phrase("parliament")}), ElementsAre(QueryText{"\"þparliament\" ", 0}));
}

TEST(MeilisearchQuery, AStrictPrefixHasAQueryWithoutTolerantWords) {
  EXPECT_THAT(query_texts({word("deploy"), prefix("20417")}),
              ElementsAre(QueryText{"þdeploy ", 1}, QueryText{"þ20417", 0}));
  EXPECT_THAT(query_texts({word("ship"), prefix("20417")}),
              ElementsAre(QueryText{"\"þship\" þ20417", 0}));
}

TEST(MeilisearchQuery, GramsAreEncodedByTheirCodePoints) {
  EXPECT_THAT(texts_of({prefix("今天气")}), ElementsAre("\"u04ecau05929 u05929u06c14\" "));
  EXPECT_THAT(texts_of({word("今天ok")}), ElementsAre("\"u04ecau05929 u05929 þok\" "));
  EXPECT_THAT(texts_of({word("🎉")}), ElementsAre("\"u1f389\" "));
}

TEST(MeilisearchQuery, ASingleCharacterMatchesSingleCharacters) {
  EXPECT_THAT(texts_of({word("天")}), ElementsAre("\"u05929\" "));
  EXPECT_THAT(texts_of({word("ok今・天气")}), ElementsAre("\"þok u04eca u05929 u06c14\" "));
}

TEST(MeilisearchWords, AWordOfOneAlphabetIsEncodedBehindItsMark) {
  for (const auto* text : {"deploy", "v2", "привет", "नमस्ते", "שלום", "الكتاب", "בית2"}) {
    const auto word = encode_word(text);
    EXPECT_TRUE(word.as_letters) << text;
    EXPECT_TRUE(word.text.ends_with(text)) << text;
    EXPECT_GT(word.text.size(), std::string{text}.size()) << text;
    EXPECT_GE(errors_tolerated_there(word), errors_tolerated(text)) << text;
  }
}

TEST(MeilisearchWords, AWordOfSeveralAlphabetsIsEncodedByCodePoints) {
  EXPECT_EQ(encode_word("aя").text, "u00061u0044f");
  EXPECT_EQ(encode_word("🎉").text, "u1f389");
  EXPECT_FALSE(encode_word("🎉").as_letters);
  std::string mixed = "я";
  for (int i = 1; i < 64; ++i) mixed += 'a';
  EXPECT_EQ(encode_word(mixed).text.size(), 240U);  // Meilisearch drops words of more than 250
}

TEST(MeilisearchQuery, ThePrefixIsAtTheEnd) {
  EXPECT_THAT(texts_of({prefix("conf"), word("deploy")}), ElementsAre("þdeploy þconf"));
  EXPECT_THAT(texts_of({prefix("docs.exam")}), ElementsAre("\"þdocs\" þexam"));
  EXPECT_THAT(texts_of({prefix("c")}), ElementsAre("\"þc\" "));
}

TEST(MeilisearchQuery, QuotesAndMinusSignsOfATermAreText) {
  EXPECT_THAT(texts_of({phrase("say \"hi\" -now")}), ElementsAre("\"þsay þhi þnow\" "));
  EXPECT_THAT(texts_of({word("-deploy")}), ElementsAre("þdeploy "));
  EXPECT_THAT(texts_of({prefix("\"x")}), ElementsAre("\"þx\" "));
}

TEST(MeilisearchQuery, ExcludedTermsComeFirst) {
  EXPECT_THAT(texts_of({word("deploy"), without(word("failed")), without(phrase("a b"))}),
              ElementsAre("-\"þfailed\" -\"þa þb\" þdeploy "));
  EXPECT_THAT(texts_of({without(word("failed"))}), ElementsAre("-\"þfailed\" "));
  EXPECT_THAT(texts_of({}), ElementsAre(""));
}

TEST(MeilisearchQuery, TermsBeyondTheLimitBecomeFurtherQueries) {
  std::vector<SearchTerm> terms(11, word("longish"));
  terms.push_back(prefix("conf"));
  const auto texts = query_texts(terms);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].text.ends_with(" þconf"));
  EXPECT_EQ(texts[1], (QueryText{"þlongish þlongish ", 2}));
}

TEST(MeilisearchQuery, EachPrefixHasAQueryOfItsOwn) {
  EXPECT_THAT(texts_of({prefix("conf"), prefix("pars"), prefix("read")}),
              ElementsAre("þconf", "þpars", "þread"));
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

TEST(MeilisearchQuery, ASearchBodyHasTheStrategyAndTheLimit) {
  const auto body = search_body("hello", "id IN [1]", SearchSort::relevance);
  EXPECT_EQ(body.at("matchingStrategy"), "all");
  EXPECT_EQ(body.at("limit"), search_total_max);
  EXPECT_FALSE(body.contains("sort"));
  EXPECT_EQ(search_body("", "", SearchSort::newest).at("sort"), json::array({"created_at:desc"}));
  EXPECT_EQ(search_body("", "", SearchSort::oldest).at("sort"), json::array({"created_at:asc"}));
}

TEST(MeilisearchQuery, RelevanceIsFewestErrorsThenMostExactThenNewest) {
  const json answer{
      {"hits",
       {hit(1, 0, 2, "exactMatch"), hit(2, 0, 2, "matchesStart"), hit(3, 0, 2, "noExactMatch"),
        hit(4, 0, 1, "noExactMatch"), hit(5, 1, 2, "noExactMatch"), hit(6, 1, 2, "noExactMatch")}}};
  const auto matches = matches_of(answer, SearchSort::relevance, 9);
  EXPECT_THAT(test::ids_of(matches), ElementsAre(3, 2, 1, 4, 6, 5));
  for (std::size_t i = 1; i < matches.size(); ++i) {
    EXPECT_GE(matches[i - 1].score, matches[i].score);
    EXPECT_GT(matches[i].score, 0);
  }
  EXPECT_EQ(matches.front().score, 1);
}

TEST(MeilisearchQuery, AHitWithTooManyErrorsIsNoMatch) {
  const json answer{{"hits", {hit(1, 1, 2, "noExactMatch"), hit(2, 2, 2, "noExactMatch")}}};
  EXPECT_THAT(test::ids_of(matches_of(answer, SearchSort::relevance, 1)), ElementsAre(1));
}

TEST(MeilisearchQuery, TheNewestAndTheOldestOrderAreByTimeAlone) {
  const json answer{
      {"hits",
       {hit(1, 0, 2, "exactMatch"), hit(2, 2, 0, "noExactMatch"), hit(3, 0, 2, "exactMatch")}}};
  EXPECT_THAT(test::ids_of(matches_of(answer, SearchSort::newest, 9)), ElementsAre(3, 2, 1));
  EXPECT_THAT(test::ids_of(matches_of(answer, SearchSort::oldest, 9)), ElementsAre(1, 2, 3));
}

TEST(MeilisearchQuery, AMatchHasTheFieldsOfItsHit) {
  const json answer{{"hits", json::array({hit(9, 0, 2, "exactMatch")})}};
  const auto match = matches_of(answer, SearchSort::relevance, 9).at(0);
  EXPECT_EQ(match.id, MessageId{9});
  EXPECT_EQ(match.chat_id, ChatId{7});
  EXPECT_EQ(match.sender_id, UserId{5});
  EXPECT_EQ(match.created_at, from_unix_micros(1009));
  EXPECT_EQ(match.version, from_unix_micros(2009));
}

TEST(MeilisearchDocument, ADocumentHasItsWordsInOrderAndThePartsOfWordsApart) {
  const auto document = to_document(message(1, "The parseConfig, of Łódź!"));
  EXPECT_EQ(document.at("words"), (json{"þthe þparseconfig þof þlodz"}));
  EXPECT_EQ(document.at("parts"), (json{"þconfig", "þparse"}));
  EXPECT_EQ(document.at("characters"), json::array());
}

TEST(MeilisearchDocument, ADocumentHasGramsAndTheirCharacters) {
  const auto document = to_document(message(1, "我们ok 🚀"));
  EXPECT_EQ(document.at("words"), (json{"u06211u04eec u04eec þok u1f680"}));
  EXPECT_EQ(document.at("characters"), (json{"u06211 u04eec þok u1f680"}));
}

TEST(MeilisearchDocument, ADocumentHasNoText) {
  const auto text = to_document(message(1, "Hello, World")).dump();
  EXPECT_EQ(text.find("Hello"), std::string::npos);
  EXPECT_EQ(text.find("World"), std::string::npos);
}

TEST(MeilisearchDocument, AFileMatchesByItsNameAndALinkByItsTrait) {
  auto sent = message(1, "see https://example.org");
  sent.files = {"/api/files/3/ab/Quarterly%20report.pdf?size=1", "plain.txt"};
  const auto document = to_document(sent);
  EXPECT_EQ(document.at("words"),
            (json{"þsee þhttps þexample þorg", "þquarterly þreport þpdf", "þplain þtxt"}));
  EXPECT_EQ(document.at("has"), (json{"file", "link"}));
  EXPECT_EQ(to_document(message(2, "no such thing")).at("has"), json::array());
}

TEST(MeilisearchDocument, ATombstoneHasNoContent) {
  auto sent = message(1, "see https://example.org and parseConfig 我们");
  sent.files = {"/api/files/3/ab/report.pdf"};
  const auto document = to_document(test::deleted(sent));
  for (const auto* field : {"words", "parts", "characters", "has"}) {
    EXPECT_EQ(document.at(field), json::array()) << field;
  }
  EXPECT_EQ(document.at("deleted"), true);
}

TEST(MeilisearchSettingsText, AChangeOfTheSettingsRaisesTheVersion) {
  EXPECT_EQ(messages_index_version, 2);
  EXPECT_EQ(
      messages_settings().dump(),
      R"({"facetSearch":false,"filterableAttributes":["chat_id","created_at","deleted","has","id",)"
      R"("sender_id","workspace_id"],"pagination":{"maxTotalHits":1000},"rankingRules":["sort",)"
      R"("words","typo","exactness","created_at:desc"],"searchableAttributes":["words","parts",)"
      R"("characters"],"sortableAttributes":["created_at"],"typoTolerance":{"enabled":true,)"
      R"("minWordSizeForTypos":{"oneTypo":7,"twoTypos":11}}})");
}

}  // namespace
}  // namespace fechatter::server
