#include <gmock/gmock.h>

#include "fechatter_core/text/email.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_core/text/name.hpp"
#include "fechatter_core/text/password.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t length_max = 32;

Name name(std::string_view typed) {
  const auto read = read_name(typed, length_max);
  EXPECT_THAT(read.refusal, IsEmpty()) << typed;
  return read.name;
}

TEST(Name, IsStoredComposedAndWithSingleSpaces) {
  EXPECT_EQ(name("Acme").text, "Acme");
  EXPECT_EQ(name("  Acme \u00a0 x\u3000").text, "Acme x");
  EXPECT_EQ(name("Cafe\u0301").text, "Caf\u00e9");
  EXPECT_EQ(name("ＡＣＭＥ").text, "ＡＣＭＥ");
}

TEST(Name, ThatLooksLikeAnotherOneHasItsKey) {
  const std::vector<std::vector<std::string>> alike{
      {"Acme", " acme", "ACME ", "Ａｃｍｅ", "a\u00adcme"},
      {"a b", "A  B", "a\u00a0b", "a\u2003b"},
      {"λόγος", "ΛΌΓΟΣ", "λόγοσ", "λο\u0301γος"},
      {"Straße", "STRASSE", "straſſe"},
      {"ﬁx", "FIX"},
      {"❤\ufe0f", "❤"},
      {"İ", "i\u0307"},
  };
  for (const auto& names : alike) {
    for (const auto& other : names) EXPECT_EQ(name_key(other), name_key(names[0])) << other;
  }
  EXPECT_NE(name_key("cafe"), name_key("café"));
  EXPECT_NE(name_key("ab"), name_key("a b"));
}

TEST(Name, MayHaveInvisibleCharactersWhereUnicodeWantsThem) {
  for (const auto* typed : {"❤\ufe0f team", "👩\u200d🚀",
                            "🏴\U000e0067\U000e0062\U000e0073\U000e0063"
                            "\U000e0074\U000e007f",
                            "1\ufe0f\u20e3", "👍🏽", "می\u200cخواهم", "ක්\u200dෂ",
                            "Ann-Marie O’Brien", "C++", "😀"}) {
    name(typed);
  }
}

TEST(Name, IsRefusedWhenItCannotBeSeenOrMovesItsNeighbours) {
  const std::vector<std::string> refused{
      "",
      " ",
      "\u00a0",
      "\u200b",
      "\u3164",
      "\u115f",
      "\u2800",
      "\n",
      "\t",
      "A\nB",
      "A\tB",
      "A\rB",
      std::string{"A\x01"
                  "B"},
      "A\x7f",
      "A\u0085",
      "A\u2028"
      "B",
      "A\u2029"
      "B",
      "\u202e"
      "cba",
      "A\u2066",
      "A\u200e",
      "A\u061c",
      "A\u200b"
      "B",
      "A\u00ad"
      "B",
      "A\u200d"
      "B",
      "A\u200c"
      "B",
      "A\ufe0f",
      "A\ufeff",
      "A\u2060",
      "A\u034f"
      "B",
      "A\U000e0041",
      "A\ufdd0",
      "A\uffff",
      "\u0301",
  };
  for (const auto& typed : refused) {
    EXPECT_THAT(read_name(typed, length_max).refusal, Not(IsEmpty()))
        << testing::PrintToString(typed);
  }
}

TEST(Name, HasALimitThatCountsWhatIsStored) {
  const std::string most(length_max, 'a');
  EXPECT_EQ(name("  " + most + "  ").text, most);
  EXPECT_THAT(read_name(most + "a", length_max).refusal, Not(IsEmpty()));
  std::string decomposed;
  for (std::size_t i = 0; i < length_max; ++i) decomposed += "e\u0301";
  EXPECT_EQ(count_characters(name(decomposed).text), length_max);
  EXPECT_THAT(read_name(std::string(100'000, ' ') + "a", length_max).refusal, Not(IsEmpty()));
}

TEST(Name, WhoseKeyNoIndexCanHoldIsRefused) {
  std::string ligatures;
  for (int i = 0; i < 128; ++i) ligatures += "\ufdfa";
  EXPECT_THAT(read_name(ligatures, 128).refusal, Not(IsEmpty()));
}

TEST(Email, OfTheSameMailboxHasTheSameKey) {
  const std::vector<std::vector<std::string>> same{
      {"ann@example.com", "Ann@Example.COM", " ann@example.com\n", "ann@ｅxample.com"},
      {"σας@example.com", "ΣΑΣ@example.com", "σασ@EXAMPLE.com"},
      {"\u00e4nn@example.com", "a\u0308nn@example.com", "ÄNN@example.com"},
      {"ann@bücher.example", "ann@BÜCHER.example", "ann@xn--bcher-kva.example",
       "ann@bu\u0308cher.example"},
  };
  for (const auto& addresses : same) {
    for (const auto& address : addresses) {
      EXPECT_TRUE(read_email(address)) << address;
      EXPECT_EQ(email_key(address), email_key(addresses[0])) << address;
    }
  }
}

TEST(Email, IsADotAtomAtADomainName) {
  for (const auto* address : {"a@x", "a.b+c@x.example", "!#$%&'*+-/=?^_`{|}~@example.com",
                              "用户@例子.广告", "a@r3---sn-x.example.com", "1@2.example"}) {
    EXPECT_TRUE(read_email(address)) << address;
  }
  const std::string long_label(64, 'a');
  const std::vector<std::string> refused{
      "",
      "@",
      "a@",
      "@x.example",
      "a",
      "<a@x>",
      "Ann <a@x.example>",
      "mailto:a@x",
      "a@example..com",
      "a@.example.com",
      "a@example.com.",
      "a@" + long_label + ".example",
      long_label + "a@x.example",
      "ann,ben@x",
      "ann，ben@x",
      "a b@x",
      "a\u3000b@x",
      ".a@x",
      "a.@x",
      "a..b@x",
      "a@b@x",
      "a＠b@x",
      "\"a b\"@x",
      "a@[127.0.0.1]",
      "a@-x.example",
      "a@x-.example",
      "a@x_y.example",
      "a@x y",
      "ann\u200b@x.example",
      "ann@x\u200b.example",
      "ann\u202e@x.example",
      "a\x01@x",
      "a@" + std::string(250, 'x') + ".example",
  };
  for (const auto& address : refused) EXPECT_FALSE(read_email(address)) << address;
}

TEST(Password, IsNormalisedByTheProfileOfOpaqueStrings) {
  EXPECT_EQ(read_password("correct horse"), "correct horse");
  EXPECT_EQ(read_password("pa\u00a0ss\u3000w"), "pa ss w");
  EXPECT_EQ(read_password("A\u030angstro\u0308m"), "\u00c5ngstr\u00f6m");
  EXPECT_EQ(read_password("π 😀 Ⅷ ﬁ"), "π 😀 Ⅷ ﬁ");
  EXPECT_EQ(read_password("ＡＢ"), "ＡＢ");
  EXPECT_NE(read_password("Case"), read_password("case"));
  EXPECT_EQ(read_password(" x "), " x ");
}

TEST(Password, HasNoCharactersThatTheFreeformClassLeavesOut) {
  for (const std::string typed :
       {"", "a\tb", "a\nb", "a\x7f", "a\u0085", "a\u200bb", "a\u00adb", "a\ufeff", "a\u202eb",
        "a\u2028", "a\ue000", "a\U000e0001", "a\u0640", "a\u1100", "a\u200db", "a\u00b7b",
        "\u0661\u06f1", "a\u05f3"}) {
    EXPECT_EQ(read_password(typed), std::nullopt) << testing::PrintToString(typed);
  }
  for (const std::string typed :
       {"l\u00b7l", "\u05d0\u05f3", "\u30ab\u30fb\u30ab", "\u0661\u0662", "می\u200cخواهم"}) {
    EXPECT_TRUE(read_password(typed)) << testing::PrintToString(typed);
  }
}

TEST(SearchKey, IsTheWordsWithoutCaseAccentsAndPunctuation) {
  EXPECT_EQ(search_key("  Chloé   O’Brien-Smith "), "chloe o brien smith");
  EXPECT_EQ(search_key("O'Brien"), search_key("O’BRIEN"));
  EXPECT_EQ(search_key("!?"), "");
  EXPECT_EQ(search_key("λόγος"), search_key("ΛΟΓΟΣ"));
  EXPECT_THAT(name_search_keys("Mary Ann Mary"), ElementsAre("mary ann mary", "mary", "ann"));
  EXPECT_THAT(email_search_keys("Ann.B@x.example"), ElementsAre("ann b x example", "ann b"));
  EXPECT_THAT(name_search_keys("😀"), ElementsAre("😀"));
}

TEST(SearchKey, WritesLettersOfOneLanguageInOneWay) {
  EXPECT_EQ(search_key("علی"), search_key("علي"));
  EXPECT_EQ(search_key("کتاب"), search_key("كتاب"));
  EXPECT_EQ(search_key("مدرسة"), search_key("مدرسه"));
  EXPECT_EQ(search_key("ײדיש"), search_key("יידיש"));
  EXPECT_EQ(search_key("അവൻ"), search_key("അവന്\u200d"));
  EXPECT_EQ(search_key("٢٠٢٦"), "2026");
  EXPECT_EQ(search_key("۲۰۲۶"), "2026");
  EXPECT_EQ(search_key("๒๐๒๖"), "2026");
  EXPECT_EQ(search_key("２０२६"), "2026");
}

TEST(Graphemes, AreNeverCut) {
  const std::string text = "a👩\u200d🚀e\u0301ꦏꦸ\r\nz";
  Graphemes graphemes{text};
  const auto astronaut = text.find("👩");
  const auto letter = text.find("e\u0301");
  EXPECT_EQ(graphemes.border_before(astronaut + 4), astronaut);
  EXPECT_EQ(graphemes.border_behind(astronaut + 4), letter);
  EXPECT_EQ(graphemes.border_behind(letter + 1), letter + 3);
  EXPECT_EQ(graphemes.border_before(letter), letter);
  const auto line_feed = text.find('\n');
  EXPECT_EQ(graphemes.border_before(line_feed), line_feed - 1);
  EXPECT_EQ(graphemes.border_behind(0), 0U);
  EXPECT_EQ(graphemes.border_behind(text.size()), text.size());
}

}  // namespace
}  // namespace fechatter
