#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

const std::vector<Case> misspellings{
    {"ALetterTooFew", "kangroo", {"kangaroo"}},
    {"ALetterTooMany", "zebrra", {"zebra"}},
    {"AnotherLetter", "kangaruo", {"kangaroo"}},
    {"NeighboursExchanged", "zerba", {"zebra"}},
    {"NeighboursExchangedAtTheEnd", "apple teachre", {"apple"}},
    {"TheFirstLetterMissing", "angaroo", {"kangaroo"}},
    {"TheFirstLetterWrong", "jangaroo", {"kangaroo"}},
    {"TheFirstLettersExchanged", "akngaroo", {"kangaroo"}},
    {"AnErrorInAnEarlierWord", "kangaro wallaby", {"kangaroo"}},
    {"AnErrorInEachWord", "kangaro walaby", {"kangaroo"}},
    {"AnErrorInAWordOfFiveLetters", "zepra", {"zebra"}},
    {"NoErrorInAWordOfFourLetters", "dome", {}},
    {"NoErrorInAWordOfThreeLetters", "cta", {}},
    {"OneErrorOnlyInEightLetters", "kinguroo", {}},
    {"TwoErrorsInElevenLetters", "tempratture", {"temperature"}},
    {"TwoErrorsInTenLetters", "restuarent", {"restaurant"}},
    {"ThreeErrorsAreTooMany", "rastourent", {}},
    {"ThreeErrorsInALongWordAreTooMany", "tenpiratuer", {}},
    {"NoErrorInANumber", "20471", {}},
    {"NoErrorInAWordWithDigits", "ABC1243", {}},
    {"AnErrorAndAnAccent", "Universitet", {"street"}},
    {"AnErrorInGreek", "Οδυσέας", {"ithaca"}},
    {"AnErrorInCyrillic", "тмуане", {"hedgehog"}},
    {"NoErrorInJapanese", "東都", {}},
    {"AnErrorAndASender", "kangaro from:alice", {"kangaroo"}},
    {"AnErrorBesideAPhrase", "\"red house\" parkde", {"blue-car"}},
};
INSTANTIATE_TEST_SUITE_P(Misspellings, Finds, testing::ValuesIn(misspellings), case_name);

}  // namespace
}  // namespace fechatter::test
