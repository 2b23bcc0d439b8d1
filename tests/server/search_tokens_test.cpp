#include "fechatter_server/search/tokens.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

template <class Wanted>
std::vector<std::string> texts_of(const std::vector<Token>& tokens, Wanted wanted) {
  std::vector<std::string> texts;
  for (const auto& token : tokens) {
    if (wanted(token)) texts.push_back(token.text);
  }
  return texts;
}

std::vector<std::string> words_of(std::string_view text) {
  return texts_of(tokenize(text), [](const Token& token) { return !token.part; });
}

std::vector<std::string> parts_of(std::string_view text) {
  return texts_of(tokenize(text), [](const Token& token) { return token.part; });
}

// "1 foo, 2 bar"
std::string placed(const std::vector<Token>& tokens) {
  std::string all;
  for (const auto& token : tokens) {
    all += (all.empty() ? "" : ", ") + std::to_string(token.position) + " " + token.text;
  }
  return all;
}

TEST(Tokenize, AnEmptyTextHasNoTokens) {
  for (const auto* nothing : {"", " ", "\n\t", "...", "¿?", "—", "\u00ad", "\u0301"}) {
    EXPECT_THAT(tokenize(nothing), IsEmpty()) << nothing;
  }
}

TEST(Tokenize, WordsAreFoldedToLowerCaseAtTheirPositions) {
  EXPECT_EQ(placed(tokenize("Hello, big WORLD!")), "1 hello, 2 big, 3 world");
}

TEST(Tokenize, ATokenHasItsBytesInTheOriginal) {
  const std::string text = "– Das Café, e\u0301tage";
  std::vector<std::string> originals;
  for (const auto& token : tokenize(text)) {
    originals.push_back(text.substr(token.begin, token.end - token.begin));
  }
  EXPECT_THAT(originals, ElementsAre("Das", "Café", "e\u0301tage"));
}

TEST(Tokenize, GermanUmlautsAndSharpSAreFolded) {
  EXPECT_THAT(words_of("Größere Übung: die Straße"),
              ElementsAre("grossere", "ubung", "die", "strasse"));
  EXPECT_EQ(words_of("STRASSE"), words_of("straße"));
  EXPECT_EQ(words_of("STRAẞE"), words_of("straße"));
}

TEST(Tokenize, FrenchAccentsAndApostrophesAreFolded) {
  EXPECT_THAT(words_of("L'été, ça va? Cœur naïf l’œuvre"),
              ElementsAre("l", "ete", "ca", "va", "coeur", "naif", "l", "oeuvre"));
}

TEST(Tokenize, PolishStrokesAreFolded) {
  EXPECT_THAT(words_of("Zażółć gęślą jaźń, ŁÓDŹ"), ElementsAre("zazolc", "gesla", "jazn", "lodz"));
}

TEST(Tokenize, ScandinavianAndIcelandicLettersAreFolded) {
  EXPECT_THAT(words_of("Smørrebrød Ærø Åland Þór Guðrún Ħal"),
              ElementsAre("smorrebrod", "aero", "aland", "thor", "gudrun", "hal"));
}

TEST(Tokenize, TurkishDottedAndDotlessIAreOneLetter) {
  EXPECT_THAT(words_of("Işık ışık İstanbul ISTANBUL"),
              ElementsAre("isik", "isik", "istanbul", "istanbul"));
}

TEST(Tokenize, VietnameseTonesAreFolded) {
  EXPECT_THAT(words_of("Đường phố Việt Nữ"), ElementsAre("duong", "pho", "viet", "nu"));
}

TEST(Tokenize, GreekAccentsAndFinalSigmaAreFolded) {
  EXPECT_THAT(words_of("Οδός ΟΔΟΣ Ὀδυσσεύς"), ElementsAre("οδοσ", "οδοσ", "οδυσσευσ"));
}

TEST(Tokenize, RussianStressAndDotsOfYoAreFolded) {
  EXPECT_THAT(words_of("Ёлка замо\u0301к"), ElementsAre("елка", "замок"));
}

TEST(Tokenize, CyrillicLettersThatLookAccentedStay) {
  EXPECT_THAT(words_of("Мой мои Київ ўсё"), ElementsAre("мой", "мои", "київ", "ўсе"));
  EXPECT_EQ(words_of("мои\u0306"), words_of("мой"));
}

TEST(Tokenize, AnApostropheOfUkrainianSeparatesWords) {
  for (const auto* word : {"п'ять", "п’ять", "пʼять"}) {
    EXPECT_THAT(words_of(word), ElementsAre("п", "ять"));
  }
}

TEST(Tokenize, ArabicVowelsAndStretchingAreRemoved) {
  EXPECT_THAT(words_of("كِتَابٌ كتـــاب"), ElementsAre("كتاب", "كتاب"));
}

TEST(Tokenize, ArabicAlefsAreOneLetter) {
  EXPECT_EQ(words_of("أحمد إلى آخر"), words_of("احمد الى اخر"));
  EXPECT_NE(words_of("مؤمن"), words_of("مومن"));
}

TEST(Tokenize, HebrewPointsAreRemoved) {
  EXPECT_THAT(words_of("שָׁלוֹם שלום"), ElementsAre("שלום", "שלום"));
}

TEST(Tokenize, HindiMarksStay) {
  EXPECT_THAT(words_of("हिन्दी में लिखो।"), ElementsAre("हिन्दी", "में", "लिखो"));
  EXPECT_EQ(words_of("\u095b"), words_of("\u091c\u093c"));
}

TEST(Tokenize, ThePersianNonJoinerIsRemoved) {
  EXPECT_EQ(words_of("می\u200cخواهم"), words_of("میخواهم"));
}

TEST(Tokenize, ARunOfChineseIsGramsAndItsLastCharacter) {
  const auto tokens = tokenize("数据库");
  EXPECT_EQ(placed(tokens), "1 数据, 2 据库, 3 库");
  EXPECT_THAT(tokens, Each(testing::Field(&Token::gram, true)));
}

TEST(Tokenize, ASingleChineseCharacterIsAToken) {
  EXPECT_EQ(placed(tokenize("库, 好")), "1 库, 2 好");
}

TEST(Tokenize, JapaneseGramsCrossItsScripts) {
  EXPECT_EQ(placed(tokenize("食べるメニュー")),
            "1 食べ, 2 べる, 3 るメ, 4 メニ, 5 ニュ, 6 ュー, 7 ー");
}

TEST(Tokenize, JapaneseSoundMarksStay) {
  EXPECT_NE(words_of("はし"), words_of("ばし"));
  EXPECT_EQ(words_of("か\u3099く"), words_of("がく"));
}

TEST(Tokenize, HalfAndFullWidthAreTheSame) {
  EXPECT_EQ(words_of("ﾃﾞｰﾀﾍﾞｰｽ"), words_of("データベース"));
  EXPECT_EQ(words_of("ＡＢＣ１２３"), words_of("abc123"));
}

TEST(Tokenize, KoreanIsGramsOfSyllables) {
  EXPECT_EQ(placed(tokenize("데이터 는")), "1 데이, 2 이터, 3 터, 4 는");
  EXPECT_EQ(words_of("\u1112\u1161\u11ab\u1100\u1173\u11af"), words_of("한글"));
}

TEST(Tokenize, ThaiIsGramsOfCodePoints) {
  EXPECT_EQ(placed(tokenize("ไทย")), "1 ไท, 2 ทย, 3 ย");
}

TEST(Tokenize, LaoKhmerAndBurmeseAreGrams) {
  for (const auto* text : {"ລາວ", "ខ្មែរ", "မြန်မာ"}) {
    EXPECT_THAT(tokenize(text), Each(testing::Field(&Token::gram, true))) << text;
  }
}

TEST(Tokenize, ATokenEndsWhereTheKindOfScriptChanges) {
  EXPECT_EQ(placed(tokenize("我用Docker部署2024年")),
            "1 我用, 2 用, 3 docker, 4 部署, 5 署, 6 2024, 7 年");
}

TEST(Tokenize, ComposedAndDecomposedTextHasTheSameTokens) {
  EXPECT_EQ(words_of("caf\u00e9"), words_of("cafe\u0301"));
  EXPECT_EQ(words_of("cafe"), words_of("cafe\u0301"));
}

TEST(Tokenize, InvisibleCharactersDoNotSeparateWords) {
  EXPECT_THAT(words_of("co\u00adoperate"), ElementsAre("cooperate"));
}

TEST(Tokenize, LettersOfALigatureShareItsBytes) {
  const auto tokens = tokenize("o\ufb03ce ㍿");
  EXPECT_EQ(placed(tokens), "1 office, 2 株式, 3 式会, 4 会社, 5 社");
  EXPECT_EQ(tokens[1].begin, tokens[4].begin);
  EXPECT_EQ(tokens[1].end, tokens[4].end);
}

TEST(Tokenize, AUrlIsSplitIntoItsParts) {
  EXPECT_EQ(placed(tokenize("https://wiki.example.com/deploy?id=7#top")),
            "1 https, 2 wiki, 3 example, 4 com, 5 deploy, 6 id, 7 7, 8 top");
}

TEST(Tokenize, AnEmailAddressIsSplitIntoItsParts) {
  EXPECT_EQ(placed(tokenize("<ada.lovelace@example.com>")), "1 ada, 2 lovelace, 3 example, 4 com");
}

TEST(Tokenize, SnakeAndKebabCaseAreSplitIntoWords) {
  EXPECT_EQ(placed(tokenize("read_all_rows build-essential")),
            "1 read, 2 all, 3 rows, 4 build, 5 essential");
}

TEST(Tokenize, CamelCaseIsTheWordAndItsPartsAtOnePosition) {
  EXPECT_EQ(placed(tokenize("parseConfig now")), "1 parseconfig, 1 parse, 1 config, 2 now");
  EXPECT_THAT(parts_of("parseConfig now"), ElementsAre("parse", "config"));
}

TEST(Tokenize, CamelCaseIsSplitWhereCapitalsMeetAWord) {
  EXPECT_THAT(parts_of("HTTPServer"), ElementsAre("http", "server"));
  EXPECT_THAT(parts_of("getURLOfPage"), ElementsAre("get", "url", "of", "page"));
  EXPECT_THAT(parts_of("größeÄndern"), ElementsAre("grosse", "andern"));
  for (const auto* whole : {"Word", "WORD", "word", "Straße"}) {
    EXPECT_THAT(parts_of(whole), IsEmpty());
  }
}

TEST(Tokenize, LettersAndDigitsAreParts) {
  EXPECT_THAT(parts_of("error404page"), ElementsAre("error", "404", "page"));
}

TEST(Tokenize, AHashHasNoParts) {
  EXPECT_THAT(tokenize("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
              SizeIs(1));
}

TEST(Tokenize, EachEmojiIsAToken) {
  EXPECT_EQ(placed(tokenize("ok👍👍done❤️")), "1 ok, 2 👍, 3 👍, 4 done, 5 ❤");
}

TEST(Tokenize, SkinToneAndStyleOfEmojiAreFolded) {
  EXPECT_EQ(words_of("👍🏽"), words_of("👍"));
  EXPECT_EQ(words_of("❤\ufe0f"), words_of("❤\ufe0e"));
  EXPECT_EQ(placed(tokenize("👩‍🚀")), "1 👩, 2 🚀");
}

TEST(Tokenize, AnEmojiTokenHasTheBytesOfItsModifiers) {
  const auto tokens = tokenize("👍🏽!");
  EXPECT_EQ(tokens.at(0).end, std::string_view{"👍🏽"}.size());
}

TEST(Tokenize, AKeycapIsItsDigit) {
  EXPECT_THAT(words_of("1️⃣ #️⃣"), ElementsAre("1"));
}

TEST(Tokenize, InvalidBytesSeparateWords) {
  EXPECT_THAT(words_of("ab\xff"
                       "cd"),
              ElementsAre("ab", "cd"));
  EXPECT_THAT(words_of("ab\xe4\xb8"), ElementsAre("ab"));
  EXPECT_THAT(words_of("\xed\xa0\x80x\xc0\xaf"), ElementsAre("x"));
}

TEST(Tokenize, ALongTokenIsCut) {
  const auto ascii = tokenize(std::string(100, 'a'));
  EXPECT_EQ(ascii.at(0).text, std::string(token_length_max, 'a'));
  EXPECT_EQ(ascii.at(0).end, token_length_max);
  std::string cyrillic;
  for (int i = 0; i < 100; ++i) cyrillic += "я";
  EXPECT_EQ(count_characters(tokenize(cyrillic).at(0).text), token_length_max);
}

TEST(Tokenize, APileOfAccentsIsItsLetter) {
  std::string heap = "e";
  for (int i = 0; i < 1000; ++i) heap += "\u0301\u0323";
  EXPECT_THAT(words_of(heap + "x"), ElementsAre("ex"));
}

TEST(Tokenize, TokensLieInOrderAtCharactersOfTheText) {
  const std::string text =
      "Größe parseHTTPConfig2 数据库ABC데이터 \ufb03 ㍿ \xe4\xb8 "
      "ไทย👩‍🚀é ﷺ ½ e\u0301\u0301 हिन्दी";
  const auto is_border = [&](std::size_t at) {
    return at == text.size() || (static_cast<unsigned char>(text.at(at)) & 0xc0) != 0x80;
  };
  Token before;
  for (const auto& token : tokenize(text)) {
    EXPECT_LT(token.begin, token.end);
    EXPECT_TRUE(is_border(token.begin) && is_border(token.end)) << token.text;
    EXPECT_LE(before.position, token.position);
    EXPECT_LE(token.position, before.position + 1);
    EXPECT_TRUE(token.part || before.begin <= token.begin) << token.text;
    before = token;
  }
}

TEST(QueryTokens, PartsOfWordsAndEndsOfGramsAreLeftOut) {
  EXPECT_EQ(placed(query_tokens("parseConfig 数据库 now")), "1 parseconfig, 2 数据, 3 据库, 5 now");
}

TEST(QueryTokens, ACharacterThatIsAWholeRunStays) {
  EXPECT_EQ(placed(query_tokens("库")), "1 库");
  EXPECT_EQ(placed(query_tokens("数据 库 2024年")), "1 数据, 3 库, 4 2024, 5 年");
}

}  // namespace
}  // namespace fechatter::server
