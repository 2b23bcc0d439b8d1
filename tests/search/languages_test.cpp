#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

const std::vector<Case> alphabets{
    {"GermanSharpS", "strasse", {"street"}},
    {"GermanSharpSAsTyped", "STRAßE", {"street"}},
    {"GermanUmlautsMayBeMissing", "munchen", {"munich"}},
    {"GermanUmlautsMayBeThere", "münchen grüße", {"munich"}},
    {"FrenchAccentsMayBeMissing", "gare fermé", {"cafe"}},
    {"FrenchElision", "L'ÉTÉ dernier", {"beach"}},
    {"AnAccentThatIsTypedAndNotWritten", "äpple teacher", {"apple"}},
    {"DecomposedAccentsAreTheSame", "cafe\u0301 gare", {"cafe"}},
    {"SpanishTilde", "manana", {"pineapple"}},
    {"PolishDiacritics", "gesla jazn", {"yellow"}},
    {"PolishStroke", "lodz", {"lodz"}},
    {"PolishAsTyped", "ŁÓDŹ", {"lodz"}},
    {"TurkishDottedCapital", "istanbul", {"istanbul"}},
    {"TurkishDotlessSmall", "isil", {"istanbul"}},
    {"GreekCapitalsAndFinalSigma", "ΟΔΥΣΣΕΑΣ", {"ithaca"}},
    {"GreekAccentsMayBeMissing", "ιθακη", {"ithaca"}},
    {"RussianCapitals", "ТУМАНЕ", {"hedgehog"}},
    {"RussianYoWithoutItsDots", "ежик", {"hedgehog"}},
    {"VietnameseWithoutMarks", "da nang", {"danang"}},
    {"VietnameseAsTyped", "Đà Nẵng", {"danang"}},
    {"ArabicWithoutVowelSigns", "الكتاب", {"book"}},
    {"ArabicLastWordIsAPrefix", "الطاو", {"book"}},
    {"HebrewWithoutPoints", "שלום", {"peace"}},
    {"Hindi", "मौसम", {"weather-hi"}},
    {"HindiTwoWords", "अच्छा मौसम", {"weather-hi"}},
};
INSTANTIATE_TEST_SUITE_P(Alphabets, Finds, testing::ValuesIn(alphabets), case_name);

const std::vector<Case> unspaced{
    {"ThaiWithinAnUnspacedSentence", "อากาศ", {"weather-th"}},
    {"ThaiAtTheBeginning", "พรุ่งนี้", {"rain-th"}},
    {"ChineseWithinAnUnspacedSentence", "北京", {"beijing"}},
    {"ChineseOfThreeCharacters", "北京开", {"beijing"}},
    {"ChineseTwoWords", "北京 明天", {"beijing"}},
    {"ChineseCharactersApartAreNoWord", "北戏", {}},
    {"ChineseOfOneCharacter", "京", {"beijing", "opera", "tower", "kyoto"}},
    {"TheLastCharacterOfASentenceIsFound", "会", {"beijing", "station", "kubernetes"}},
    {"ChineseTraditional", "夜市", {"taipei"}},
    {"ChinesePhrase", "\"明天在北京\"", {"beijing"}},
    {"ChineseWithout", "京 -東", {"beijing", "opera"}},
    {"JapaneseKanji", "東京", {"tower"}},
    {"JapaneseKatakana", "タワー", {"tower"}},
    {"JapaneseHiragana", "ました", {"tower", "halfwidth"}},
    {"JapaneseHalfWidthIsTheSame", "テスト", {"halfwidth"}},
    {"JapaneseVoicedSoundsAreOtherSounds", "カラス", {"crow"}},
    {"JapaneseAndAWordInLatin", "会議 kubernetes", {"kubernetes"}},
    {"AWordInLatinBetweenJapanese", "kubern", {"kubernetes"}},
    {"KoreanWithItsParticle", "회의", {"meeting-ko"}},
    {"KoreanWithoutItsEnding", "시작", {"meeting-ko"}},
    {"KoreanTwoWords", "점심 학교", {"school-ko"}},
    {"FullWidthLatinIsLatin", "ｚｅｂｒａ", {"zebra"}},
};
INSTANTIATE_TEST_SUITE_P(Unspaced, Finds, testing::ValuesIn(unspaced), case_name);

const std::vector<Case> code{
    {"AUrlWhole", "https://docs.example.com/guides/install.html", {"docs-link"}},
    {"AHost", "docs.example.com", {"docs-link"}},
    {"APartOfAHost", "docs", {"docs-link"}},
    {"APartOfAPath", "guides", {"docs-link"}},
    {"APartOfAUrlsQuery", "lang wiki", {"wiki-link"}},
    {"AnEMailAddressWhole", "support@initech.example", {"mail"}},
    {"APartOfAnEMailAddress", "initech", {"mail"}},
    {"SnakeCaseWhole", "max_retry_count", {"snake"}},
    {"SnakeCaseByPart", "retry", {"snake"}},
    {"AFileNameWhole", "settings.yaml", {"snake"}},
    {"AFileNameByPart", "yaml", {"snake"}},
    {"CamelCaseWhole", "parseConfigFile", {"camel"}},
    {"CamelCaseWholeInSmallLetters", "parseconfigfile", {"camel"}},
    {"CamelCaseByPart", "config", {"camel"}},
    {"CamelCaseByPrefixOfTheWhole", "parsecon", {"camel"}},
    {"PascalCaseByPart", "factory", {"stack"}},
    {"AHyphenatedWordByPart", "compose", {"kebab"}},
    {"APathByPart", "postgresql", {"path"}},
    {"ANameWithColons", "std::vector", {"vector"}},
    {"AVersion", "v2.14.0", {"version"}},
    {"AnEmoji", "🎉", {"rockets"}},
    {"AnEmojiAndAWord", "🚀 party", {"rocket"}},
    {"AnEmojiInSeveralMessages", "🚀", {"rocket", "rockets"}},
    {"AnEmojiWithASkinTone", "👍🏽", {"well-done"}},
    {"AnEmojiOfSeveral", "👨‍👩‍👧", {"greetings"}},
    {"TagsAreText", "script", {"script"}},
};
INSTANTIATE_TEST_SUITE_P(Code, Finds, testing::ValuesIn(code), case_name);

}  // namespace
}  // namespace fechatter::test
