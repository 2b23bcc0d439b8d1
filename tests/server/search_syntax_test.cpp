#include "fechatter_server/search/search_syntax.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SearchTerm::Kind;

const Timestamp today = *parse_rfc3339("2026-05-17T13:14:15Z");

SearchRequest read(std::string_view query) {
  SearchRequest request;
  read_query(query, today, request);
  return request;
}

std::string refused_field(std::string_view query) {
  try {
    read(query);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_fields);
    return error.fields().at(0).field;
  }
  return "";
}

MATCHER_P2(Is, kind, text, "") {
  return arg.kind == kind && arg.text == text && !arg.excluded;
}
MATCHER_P2(IsNot, kind, text, "") {
  return arg.kind == kind && arg.text == text && arg.excluded;
}

TEST(SearchSyntax, TheLastWordIsAPrefix) {
  EXPECT_THAT(read("red green").terms,
              ElementsAre(Is(Kind::word, "red"), Is(Kind::prefix, "green")));
}

TEST(SearchSyntax, AWordBeforeAnOperatorIsNoPrefix) {
  EXPECT_THAT(read("red from:me").terms, ElementsAre(Is(Kind::word, "red")));
}

TEST(SearchSyntax, AWordWithAStarIsAPrefix) {
  EXPECT_THAT(read("re* \"x\"").terms, ElementsAre(Is(Kind::prefix, "re"), Is(Kind::phrase, "x")));
}

TEST(SearchSyntax, APhraseIsBetweenQuotesOfAnyKind) {
  EXPECT_THAT(read("\"red green\"").terms, ElementsAre(Is(Kind::phrase, "red green")));
  EXPECT_THAT(read("“red green”").terms, ElementsAre(Is(Kind::phrase, "red green")));
  EXPECT_THAT(read("„red green“").terms, ElementsAre(Is(Kind::phrase, "red green")));
}

TEST(SearchSyntax, AnUnclosedPhraseGoesToTheEnd) {
  EXPECT_THAT(read("\"red green").terms, ElementsAre(Is(Kind::phrase, "red green")));
}

TEST(SearchSyntax, AMinusExcludesWordsAndPhrases) {
  EXPECT_THAT(read("a -red -\"b c\" -x*").terms,
              ElementsAre(Is(Kind::word, "a"), IsNot(Kind::word, "red"), IsNot(Kind::phrase, "b c"),
                          IsNot(Kind::prefix, "x")));
}

TEST(SearchSyntax, AMinusWithinAWordOrAloneExcludesNothing) {
  EXPECT_THAT(read("well-known -").terms, ElementsAre(Is(Kind::word, "well-known")));
}

TEST(SearchSyntax, ATermWithoutATokenIsDropped) {
  EXPECT_THAT(read("from:me !? -- \"\" * -> -").terms, IsEmpty());
}

TEST(SearchSyntax, AQueryOfSuchTermsOnlyIsRefused) {
  for (const auto* query : {"!?", "--", "\"\"", "*", "%", "++", "\"++\"", "->", "-", "\u200b"}) {
    EXPECT_EQ(refused_field(query), "q") << query;
  }
  EXPECT_THAT(read("").terms, IsEmpty());
  EXPECT_THAT(read(" \u00a0\u3000\u2003").terms, IsEmpty());
}

TEST(SearchSyntax, SignsInQuotesAreATermBesideOthers) {
  EXPECT_THAT(read("c \"++\"").terms, ElementsAre(Is(Kind::word, "c"), Is(Kind::phrase, "++")));
}

TEST(SearchSyntax, TwoHyphensExcludeNothing) {
  EXPECT_THAT(
      read("git push --force").terms,
      ElementsAre(Is(Kind::word, "git"), Is(Kind::word, "push"), Is(Kind::prefix, "--force")));
}

TEST(SearchSyntax, OperatorsHaveNoCase) {
  const auto request = read("FROM:alice In：general HAS:Link on:Today");
  EXPECT_THAT(request.sender_names, ElementsAre("alice"));
  EXPECT_THAT(request.chat_names, ElementsAre("general"));
  EXPECT_TRUE(request.has_link);
  EXPECT_EQ(request.from, *parse_day("2026-05-17"));
}

TEST(SearchSyntax, OperatorsAreNotNegated) {
  for (const auto* query : {"x -from:ben", "-in:12", "-has:file", "-Before:today"}) {
    EXPECT_EQ(refused_field(query), "q") << query;
  }
  EXPECT_THAT(read("x -foo:bar").terms,
              ElementsAre(Is(Kind::word, "x"), IsNot(Kind::word, "foo:bar")));
}

TEST(SearchSyntax, AQueryHasALimitOfNames) {
  std::string query;
  for (std::size_t i = 0; i < search_names_max; ++i) query += i % 2 ? "from:a " : "in:b ";
  EXPECT_EQ(read(query).sender_names.size() + read(query).chat_names.size(), search_names_max);
  EXPECT_EQ(refused_field(query + "from:c"), "q");
}

TEST(SearchSyntax, AnIdeographicSpaceSeparates) {
  EXPECT_THAT(read("数据\u3000库").terms,
              ElementsAre(Is(Kind::word, "数据"), Is(Kind::prefix, "库")));
}

TEST(SearchSyntax, OperatorsTakeWordsAndQuotedNames) {
  const auto request = read("from:alice in:\"the chat\" from:\"Bob B\" in:#x");
  EXPECT_THAT(request.sender_names, ElementsAre("alice", "Bob B"));
  EXPECT_THAT(request.chat_names, ElementsAre("the chat", "#x"));
  EXPECT_THAT(request.terms, IsEmpty());
}

TEST(SearchSyntax, AnUnknownOperatorIsText) {
  EXPECT_THAT(read("foo:bar x").terms,
              ElementsAre(Is(Kind::word, "foo:bar"), Is(Kind::prefix, "x")));
}

TEST(SearchSyntax, DaysAreThoseOfUtc) {
  const auto day = *parse_day("2026-01-31");
  EXPECT_EQ(read("before:2026-01-31").until, day);
  EXPECT_EQ(read("after:2026-01-31").from, day + days{1});
  EXPECT_EQ(read("on:2026-01-31").from, day);
  EXPECT_EQ(read("on:2026-01-31").until, day + days{1});
  EXPECT_EQ(read("on:today").from, *parse_day("2026-05-17"));
  EXPECT_EQ(read("on:yesterday").until, *parse_day("2026-05-17"));
}

TEST(SearchSyntax, TheNarrowestSpanHolds) {
  const auto request =
      read("after:2026-01-01 after:2026-02-01 before:2026-05-01 before:2026-04-01");
  EXPECT_EQ(request.from, *parse_day("2026-02-02"));
  EXPECT_EQ(request.until, *parse_day("2026-04-01"));
}

TEST(SearchSyntax, HasFiltersByFileAndLink) {
  EXPECT_TRUE(read("has:file").has_file);
  EXPECT_TRUE(read("has:link").has_link);
  EXPECT_FALSE(read("has:link").has_file);
}

TEST(SearchSyntax, AnInvalidValueOfAnOperatorIsRefused) {
  for (const auto* query :
       {"before:tomorrow", "on:2026-02-30", "after:", "has:cats", "from:", "in:"}) {
    EXPECT_EQ(refused_field(query), "q") << query;
  }
}

TEST(SearchSyntax, AQueryHasALimitOfTerms) {
  std::string query;
  for (std::size_t i = 0; i < search_terms_max; ++i) query += "a ";
  EXPECT_EQ(read(query).terms.size(), search_terms_max);
  EXPECT_EQ(refused_field(query + "a"), "q");
}

TEST(SearchSyntax, AMomentIsADayOrATime) {
  EXPECT_EQ(parse_moment("2026-01-31", false), *parse_day("2026-01-31"));
  EXPECT_EQ(parse_moment("2026-01-31", true), *parse_day("2026-02-01"));
  EXPECT_EQ(parse_moment("2026-01-31T10:00:00Z", true), *parse_rfc3339("2026-01-31T10:00:00Z"));
  EXPECT_EQ(parse_moment("soon", false), std::nullopt);
}

}  // namespace
}  // namespace fechatter::server
