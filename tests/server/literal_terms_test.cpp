#include "fechatter_server/search/literal_terms.hpp"

#include <gtest/gtest.h>

#include "fechatter_server/search/highlight.hpp"

namespace fechatter::server {
namespace {

using Kind = SearchTerm::Kind;

bool is_there(const SearchTerm& term, std::string_view text) {
  return !LiteralTerm{term}.matches_in(folded_literally(text)).empty();
}

TEST(LiteralTerms, AreThoseWithSigns) {
  for (const auto* text : {"C++", "C#", "--force", "node.js", "ann@x.example", "a&b", "++"}) {
    EXPECT_TRUE(is_literal({Kind::phrase, text})) << text;
  }
  for (const auto* text : {"C", "red green", "", "日本"}) {
    EXPECT_FALSE(is_literal({Kind::phrase, text})) << text;
  }
}

TEST(LiteralTerms, APunctuatedWordIsAWordUnlessItIsInQuotes) {
  for (const auto* text : {"zebra,", "(finally!)", "\"x", "what?", "?!"}) {
    EXPECT_FALSE(is_literal({Kind::word, text})) << text;
  }
  EXPECT_TRUE(is_literal({Kind::word, "C++,"}));
  EXPECT_TRUE(is_literal({Kind::phrase, "zebra,"}));
  EXPECT_TRUE(is_literal({Kind::word, "zebra!", true}));
}

TEST(LiteralTerms, MatchTheirSignsAndWholeWords) {
  const SearchTerm cpp{Kind::phrase, "c++"};
  for (const auto* text : {"C++", "I like C++.", "C++17", "(Ｃ＋＋)", "x C++ y"}) {
    EXPECT_TRUE(is_there(cpp, text)) << text;
  }
  for (const auto* text : {"C", "C#", "C+", "vitamin C", "abc++", "C ++", "++"}) {
    EXPECT_FALSE(is_there(cpp, text)) << text;
  }
  EXPECT_FALSE(is_there({Kind::phrase, "--force"}, "force"));
  EXPECT_FALSE(is_there({Kind::phrase, "--force"}, "--forced"));
  EXPECT_TRUE(is_there({Kind::prefix, "--for"}, "git push --force"));
}

TEST(LiteralTerms, TypographyMakesNoDifference) {
  EXPECT_TRUE(is_there({Kind::phrase, "don't"}, "I don’t"));
  EXPECT_TRUE(is_there({Kind::phrase, "don’t"}, "I DON'T"));
  EXPECT_TRUE(is_there({Kind::phrase, "well-known"}, "well\u2011known"));
  EXPECT_TRUE(is_there({Kind::phrase, "a,  b"}, "a,\n\u00a0b"));
  EXPECT_TRUE(is_there({Kind::phrase, "café!"}, "CAFE\u0301!"));
}

TEST(LiteralTerms, JudgeATextByPhrasesAndExcludedTerms) {
  const auto verdict = [](std::vector<SearchTerm> terms, std::string_view text) {
    return LiteralTerms{terms}.judge(text);
  };
  EXPECT_TRUE(verdict({{Kind::phrase, "C++"}}, "C++").matches);
  EXPECT_FALSE(verdict({{Kind::phrase, "C++"}}, "C").matches);
  EXPECT_TRUE(verdict({{Kind::word, "C++"}}, "C").matches);
  EXPECT_FALSE(verdict({{Kind::word, "C++"}}, "C").holds_all);
  EXPECT_TRUE(verdict({{Kind::word, "C++"}}, "C++").holds_all);
  EXPECT_FALSE(verdict({{Kind::word, "C++", true}}, "C++").matches);
  EXPECT_TRUE(verdict({{Kind::word, "C++", true}}, "C").matches);
}

TEST(LiteralTerms, AreMarkedWithTheirSigns) {
  EXPECT_EQ(highlight("C++ and vitamin C", {{Kind::phrase, "C++"}}),
            "<mark>C++</mark> and vitamin C");
  EXPECT_EQ(highlight("git push --force", {{Kind::prefix, "--force"}}),
            "git push <mark>--force</mark>");
}

TEST(Highlight, MarksAndCutsStandBetweenGraphemeClusters) {
  EXPECT_EQ(highlight("ok 👨\u200d👩\u200d👧 x", {{Kind::word, "👨"}}),
            "ok <mark>👨\u200d👩\u200d👧</mark> x");
  EXPECT_EQ(highlight("กำ", {{Kind::word, "ก"}}), "<mark>กำ</mark>");
  std::string families{"a"};
  for (int i = 0; i < 100; ++i) families += "👨\u200d👩\u200d👧";
  auto shown = highlight(families, {});
  ASSERT_TRUE(shown.ends_with("…"));
  shown.resize(shown.size() - std::string_view{"…"}.size());
  EXPECT_TRUE(shown.ends_with("👧"));
  EXPECT_EQ((shown.size() - 1) % std::string_view{"👨\u200d👩\u200d👧"}.size(), 0U);
}

}  // namespace
}  // namespace fechatter::server
