#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

const std::vector<Case> words{
    {"AWordMatchesAnywhereInAText", "umbrella", {"umbrella", "umbrellas"}},
    {"CaseDoesNotMatterInTheQuery", "MONDAY", {"deploy-monday"}},
    {"CaseDoesNotMatterInTheText", "deploy finished", {"deploy-done"}},
    {"AllWordsMustBeThere", "noodle lunch", {"noodles", "late-lunch"}},
    {"AllWordsMustBeThereInOneMessage", "invoice umbrella", {}},
    {"TheOrderOfWordsDoesNotMatter", "friday deploy", {"deploy-friday"}},
    {"ARepeatedWordCountsOnce", "zebra zebra", {"zebra"}},
    {"PunctuationBetweenWordsIsIgnored", "zebra, crossing!", {"zebra"}},
    {"TabsAndNewlinesSeparateWords", "wallaby kangaroo", {"kangaroo"}},
    {"SpacesAroundTheQueryAreIgnored", "  kangaroo   wallaby", {"kangaroo"}},
    {"TheInsideOfAWordIsNotFound", "brella", {}},
    {"TheEndOfAWordIsNotFound", "harborside tonight side", {}},
    {"AnUnusedWordIsNotFound", "xylophone", {}},
    {"NumbersAreWords", "20417", {"invoice-paid"}},
    {"NumbersWithinCodeAreWords", "42 customers", {"query"}},
    {"AOneLetterWordIsFoundAsAWord", "zebra a", {"zebra"}},
    {"AOneLetterLastWordIsNoPrefix", "zebra c", {}},
    {"SpecialCharactersOfPatternsAreText", "100% plan_b", {"percent"}},
    {"APercentSignIsNoWildcard", "z%bra", {}},
    {"QuotesOfSqlAreText", "zebra'; DROP", {}},
    {"AnApostropheStaysWithItsWord", "Bob's birthday", {"surprise"}},
    {"SendersAreNotText", "hanako", {}},
};
INSTANTIATE_TEST_SUITE_P(Words, Finds, testing::ValuesIn(words), case_name);

const std::vector<Case> prefixes{
    {"TheLastWordIsAPrefix", "umbr", {"umbrella", "umbrellas"}},
    {"TheLastWordIsAPrefixFromTwoLetters", "parked ho", {"red-car", "blue-car"}},
    {"AnEarlierWordIsNone", "umbr black", {}},
    {"AnEarlierWordWithAStarIsOne", "umbr* black", {"umbrellas"}},
    {"AStarOnTheLastWordChangesNothing", "umbr*", {"umbrella", "umbrellas"}},
    {"AStarOnAWholeWordFindsItToo", "zebra* crossing", {"zebra"}},
    {"APrefixIsFoldedAsWordsAre", "UMBR", {"umbrella", "umbrellas"}},
    {"APrefixOfANumberIsOne", "invoice 2041", {"invoice-paid", "invoice-open"}},
    {"APrefixWithAnAccentFindsTheBareOne", "kangár", {"kangaroo"}},
};
INSTANTIATE_TEST_SUITE_P(Prefixes, Finds, testing::ValuesIn(prefixes), case_name);

const std::vector<Case> phrases{
    {"APhraseIsWordsNextToEachOther", "\"launch plan\"", {"launch-plan"}},
    {"TheSameWordsWithoutQuotesAreFoundAnywhere",
     "launch plan",
     {"launch-plan", "rocket", "party-first"}},
    {"APhraseKeepsItsOrder", "\"car red\"", {}},
    {"APhraseMatchesNeighboursOnly", "\"red car\"", {"red-car"}},
    {"TwoPhrasesMustBothBeThere", "\"blue car\" \"red house\"", {"blue-car"}},
    {"APhraseAndAWord", "\"behind the\" zebra", {}},
    {"APhraseOfOneWordIsNoPrefix", "\"umbrella\"", {"umbrella"}},
    {"APhraseToleratesNoErrors", "\"umbrelal\"", {}},
    {"APhraseIgnoresPunctuation", "\"birthday cake chocolate\"", {"cake"}},
    {"APhraseIgnoresCase", "\"LAUNCH PARTY\"", {"rocket"}},
    {"APhraseIgnoresAccents", "\"cafe pres\"", {"cafe"}},
    {"WithoutAWord", "umbrella -black", {"umbrella"}},
    {"WithoutAWordThatIsNowhere", "umbrella -xylophone", {"umbrella", "umbrellas"}},
    {"WithoutAPhrase", "parked -\"red car\"", {"blue-car"}},
    {"WithoutComesFirst", "-black umbrella", {"umbrella"}},
    {"WithoutTwoWords", "plan -party -budgets", {"launch-plan"}},
    {"AHyphenWithinAWordIsNoWithout", "docker-compose", {"kebab"}},
    {"WithoutAWordOfEachMatchNothingIsFound", "zebra -crossing", {}},
};
INSTANTIATE_TEST_SUITE_P(Phrases, Finds, testing::ValuesIn(phrases), case_name);

}  // namespace
}  // namespace fechatter::test
