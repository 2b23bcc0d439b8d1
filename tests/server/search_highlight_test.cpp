#include "fechatter_server/search/highlight.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/text_matches.hpp"

namespace fechatter::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Kind = SearchTerm::Kind;

SearchTerm word(std::string text) {
  return {Kind::word, std::move(text), false};
}

SearchTerm prefix(std::string text) {
  return {Kind::prefix, std::move(text), false};
}

SearchTerm phrase(std::string text) {
  return {Kind::phrase, std::move(text), false};
}

SearchTerm without(std::string text) {
  return {Kind::word, std::move(text), true};
}

std::string without_marks(std::string html) {
  for (const std::string mark : {"<mark>", "</mark>"}) {
    for (auto at = html.find(mark); at != html.npos; at = html.find(mark)) {
      html.erase(at, mark.size());
    }
  }
  return html;
}

TEST(Highlight, EveryMatchOfEveryWordIsMarked) {
  EXPECT_EQ(highlight("The server, the Server and the client", {word("server"), word("client")}),
            "The <mark>server</mark>, the <mark>Server</mark> and the <mark>client</mark>");
}

TEST(Highlight, ATextWithoutAMatchHasNoMarks) {
  EXPECT_EQ(highlight("nothing here", {word("server")}), "nothing here");
  EXPECT_EQ(highlight("nothing here", {}), "nothing here");
  EXPECT_EQ(highlight("", {word("server")}), "");
}

TEST(Highlight, TheOriginalOfAFoldedWordIsMarked) {
  EXPECT_EQ(highlight("Die STRAßE", {word("strasse")}), "Die <mark>STRAßE</mark>");
  EXPECT_EQ(highlight("un cafe\u0301!", {word("CAFÉ")}), "un <mark>cafe\u0301</mark>!");
}

TEST(Highlight, AWordDoesNotMatchWithinAnotherWord) {
  EXPECT_EQ(highlight("servers", {phrase("server")}), "servers");
  EXPECT_EQ(highlight("art", {word("a")}), "art");
}

TEST(Highlight, AWordThatBeginsWithAPrefixIsMarked) {
  EXPECT_EQ(highlight("Database, data, update", {prefix("dat")}),
            "<mark>Database</mark>, <mark>data</mark>, update");
}

TEST(Highlight, AMisspellingOfAWordIsMarked) {
  EXPECT_EQ(highlight("the sevrer is down", {word("server")}), "the <mark>sevrer</mark> is down");
  EXPECT_EQ(highlight("the sevrer is down", {prefix("server")}), "the <mark>sevrer</mark> is down");
}

TEST(Highlight, NoMisspellingIsMarkedBesideAnExactMatch) {
  EXPECT_EQ(highlight("sevrer or server", {word("server")}), "sevrer or <mark>server</mark>");
  EXPECT_EQ(highlight("sevrer or servers", {prefix("server")}), "sevrer or <mark>servers</mark>");
}

TEST(Highlight, ShortWordsDigitsAndPhrasesMatchExactlyOnly) {
  EXPECT_EQ(highlight("hose", {word("hope")}), "hose");
  EXPECT_EQ(highlight("ticket43", {word("ticket42")}), "ticket43");
  EXPECT_EQ(highlight("sevrer", {phrase("server")}), "sevrer");
}

TEST(Highlight, APhraseIsMarkedWhereItsWordsAreNeighbours) {
  EXPECT_EQ(highlight("red old car, old red car", {phrase("old red")}),
            "red old car, <mark>old red</mark> car");
  EXPECT_EQ(highlight("old and red", {phrase("old red")}), "old and red");
}

TEST(Highlight, ATermOfSeveralWordsIsMarkedAsOne) {
  EXPECT_EQ(highlight("to ada.lovelace@example.com now", {word("ada.lovelace@example.com")}),
            "to <mark>ada.lovelace@example.com</mark> now");
  EXPECT_EQ(highlight("foo bar, foo_bar", {word("foo_bar")}),
            "<mark>foo bar</mark>, <mark>foo_bar</mark>");
  EXPECT_EQ(highlight("foo_baz, bar_foo", {word("foo_bar")}), "foo_baz, bar_foo");
}

TEST(Highlight, TheLastOfSeveralWordsMayBeAPrefix) {
  EXPECT_EQ(highlight("see wiki.example.com", {prefix("wiki.exa")}),
            "see <mark>wiki.example</mark>.com");
  EXPECT_EQ(highlight("see wikis.example.com", {prefix("wiki.exa")}), "see wikis.example.com");
}

TEST(Highlight, APartOfCamelCaseIsMarked) {
  EXPECT_EQ(highlight("call parseConfig()", {word("config")}), "call parse<mark>Config</mark>()");
  EXPECT_EQ(highlight("call parseConfig()", {word("ParseConfig")}),
            "call <mark>parseConfig</mark>()");
  EXPECT_EQ(highlight("parse Config", {word("parseConfig")}), "parse Config");
}

TEST(Highlight, ChineseWithinARunIsMarkedAsOne) {
  EXPECT_EQ(highlight("我们的数据库很快", {word("数据库")}), "我们的<mark>数据库</mark>很快");
  EXPECT_EQ(highlight("我们的数据库很快", {word("数据")}), "我们的<mark>数据</mark>库很快");
  EXPECT_EQ(highlight("数据在库", {word("数据库")}), "数据在库");
}

TEST(Highlight, ASingleChineseCharacterIsMarked) {
  EXPECT_EQ(highlight("我们的数据库很快", {word("数")}), "我们的<mark>数</mark>据库很快");
  EXPECT_EQ(highlight("我们的数据库", {word("库")}), "我们的数据<mark>库</mark>");
  EXPECT_EQ(highlight("2024年度", {word("2024年")}), "<mark>2024年</mark>度");
}

TEST(Highlight, JapaneseKoreanAndThaiAreMarked) {
  EXPECT_EQ(highlight("検索エンジン", {word("ｴﾝｼﾞﾝ")}), "検索<mark>エンジン</mark>");
  EXPECT_EQ(highlight("데이터베이스는", {word("베이스")}), "데이터<mark>베이스</mark>는");
  EXPECT_EQ(highlight("ภาษาไทย", {word("ไทย")}), "ภาษา<mark>ไทย</mark>");
}

TEST(Highlight, AnEmojiIsMarkedWithItsModifiers) {
  EXPECT_EQ(highlight("ok 👍🏽 👎", {word("👍")}), "ok <mark>👍🏽</mark> 👎");
}

TEST(Highlight, AnExcludedTermIsNotMarked) {
  EXPECT_EQ(highlight("client and server", {word("client"), without("server")}),
            "<mark>client</mark> and server");
}

TEST(Highlight, ATermWithoutWordsMarksNothing) {
  EXPECT_EQ(highlight("what?!", {word("?!"), phrase("--")}), "what?!");
}

TEST(Highlight, OverlappingMatchesAreMarkedOnce) {
  EXPECT_EQ(highlight("old red car", {phrase("old red"), phrase("red car"), word("car")}),
            "<mark>old red car</mark>");
}

TEST(Highlight, TheTextIsEscaped) {
  EXPECT_EQ(highlight(R"(<a href="x" title='y'>R&D</a>)", {}),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D&lt;/a&gt;");
}

TEST(Highlight, ScriptsAroundAndInsideAMatchAreEscaped) {
  EXPECT_EQ(highlight("<script>alert(1)</script>", {word("alert")}),
            "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt;");
  EXPECT_EQ(highlight("one <script> two", {phrase("one script two")}),
            "<mark>one &lt;script&gt; two</mark>");
}

TEST(Highlight, MarksInTheTextStayText) {
  EXPECT_EQ(highlight("</mark><mark>x", {word("mark")}),
            "&lt;/<mark>mark</mark>&gt;&lt;<mark>mark</mark>&gt;x");
  EXPECT_EQ(highlight("&lt;script&gt;", {word("lt")}), "&amp;<mark>lt</mark>;script&amp;gt;");
}

TEST(Highlight, InvalidBytesAreReplaced) {
  const auto html = highlight("ab\xff server \xe4\xb8", {word("server")});
  EXPECT_EQ(html, "ab\ufffd <mark>server</mark> \ufffd\ufffd");
}

TEST(Highlight, ATextWithinTheLimitIsShownWhole) {
  std::string text;
  for (std::size_t i = 0; i < highlight_length_max; ++i) text += "é";
  EXPECT_EQ(highlight(text, {}), text);
  EXPECT_THAT(highlight(text + "é", {}), EndsWith("é…"));
}

TEST(Highlight, ALongTextWithoutAMatchIsCutToItsBeginning) {
  const std::string text(highlight_length_max + 1, 'a');
  EXPECT_EQ(highlight(text, {word("b")}), std::string(highlight_length_max, 'a') + "…");
}

TEST(Highlight, ALongTextIsCutToTheSurroundingsOfTheFirstMatch) {
  std::string filling;
  for (int i = 0; i < 300; ++i) filling += "ä ";
  const auto html = highlight(filling + "here " + filling + "here", {word("here")});
  EXPECT_THAT(html, StartsWith("…"));
  EXPECT_THAT(html, HasSubstr("ä <mark>here</mark> ä"));
  EXPECT_THAT(html, EndsWith("…"));
  EXPECT_EQ(count_characters(without_marks(html)), highlight_length_max + 2);
}

TEST(Highlight, TheEndOfATextFillsTheWindow) {
  const auto html = highlight(std::string(1000, '.') + "end", {word("end")});
  EXPECT_EQ(html, "…" + std::string(highlight_length_max - 3, '.') + "<mark>end</mark>");
}

TEST(Highlight, AMatchLongerThanTheWindowIsCut) {
  std::string words = "first";
  for (int i = 0; i < 100; ++i) words += " next";
  const auto html = highlight(words, {phrase(words)});
  EXPECT_THAT(html, StartsWith("<mark>first next"));
  EXPECT_THAT(html, EndsWith("</mark>…"));
  EXPECT_THAT(html, Not(HasSubstr("</mark> ")));
}

TEST(Highlight, AnEscapedCharacterCountsAsOne) {
  const std::string text(highlight_length_max, '<');
  EXPECT_THAT(highlight(text, {}), Not(HasSubstr("…")));
}

TEST(TextMatches, EveryTokenOfATextMatchesAtItsBytes) {
  const std::string text =
      "Größe parseHTTPConfig2 数据库ABC데이터 o\ufb03ce ㍿ ไทย👩‍🚀é ﷺ ½ "
      "हिन्दी";
  const auto tokens = tokenize(text);
  for (const auto& token : tokens) {
    const auto original = text.substr(token.begin, token.end - token.begin);
    const auto matches = text_matches(word(original), tokens);
    EXPECT_TRUE(std::any_of(matches.begin(), matches.end(), [&](const TextMatch& match) {
      return match.begin == token.begin && match.end == token.end;
    })) << original;
  }
}

}  // namespace
}  // namespace fechatter::server
