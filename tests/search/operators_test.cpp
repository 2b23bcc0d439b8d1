#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

const std::vector<Case> senders{
    {"FromAnId", "umbrella from:{user:bob}", {"umbrella"}},
    {"FromMe", "deploy from:me", {"deploy-monday"}},
    {"FromMeIsTheCaller", "deploy from:me", {"deploy-friday", "deploy-done"}, {}, "bob"},
    {"FromAnEMailAddress", "umbrella from:chloe.dubois@acme.example", {"umbrellas"}},
    {"FromAnEMailAddressInCapitals", "umbrella from:BOB@acme.example", {"umbrella"}},
    {"FromTheLocalPart", "umbrella from:chloe.dubois", {"umbrellas"}},
    {"FromTheLocalPartWithAt", "umbrella from:@bob", {"umbrella"}},
    {"FromAWordOfTheName", "umbrella from:stone", {"umbrella"}},
    {"FromAWordOfTheNameWithoutItsAccent", "umbrella from:chloe", {"umbrellas"}},
    {"FromAFullNameInQuotes", "harbor from:\"Alice Smith\"", {"harbor-old"}},
    {"FromAFullNameInOtherCase", "harbor from:\"ivan smith\"", {"harbour"}},
    {"FromANameThatTwoHave", "harbor from:smith", {"harbor-old", "harbour"}},
    {"FromAJapaneseName", "elephant from:花子", {"elephant"}},
    {"FromTwoIsFromEither", "from:chloe from:ivan harbor", {"harborside", "harbour"}},
    {"FromASenderWithoutMessages", "harbor from:zoe", {}},
    {"FromMayComeFirst", "from:bob umbrella", {"umbrella"}},
    {"FromMayStandBetween", "ships from:bob harbor", {"harbor-new"}},
};
INSTANTIATE_TEST_SUITE_P(Senders, Finds, testing::ValuesIn(senders), case_name);

const std::vector<Case> in_chats{
    {"InAnId", "deploy in:{chat:backend}", {"deploy-done"}},
    {"InAName", "deploy in:backend", {"deploy-done"}},
    {"InANameWithItsSign", "deploy in:#backend", {"deploy-done"}},
    {"InANameWithSpaces", "invoice in:\"Project Phoenix\"", {"invoice-paid", "invoice-open"}},
    {"InANameThatAnotherWorkspaceHasToo",
     "in:general deploy",
     {"deploy-monday", "deploy-friday", "deploy-list"}},
    {"InTheSingleWithAUser", "parked in:@bob", {"red-car", "blue-car"}},
    {"InTheSingleWithTheCaller", "parked in:@alice", {"red-car", "blue-car"}, {}, "bob"},
    {"InTheSingleWithAUserHasNothingOfOthers", "birthday in:@bob", {}},
    {"InTwoChatsIsInEither",
     "plan in:backend in:\"Project Phoenix\"",
     {"launch-plan", "rocket", "party-first", "percent"}},
    {"InAChatFromASender", "in:general from:ivan deploy", {"deploy-list"}},
};
INSTANTIATE_TEST_SUITE_P(Chats, Finds, testing::ValuesIn(in_chats), case_name);

const std::vector<Case> days{
    {"OnADay", "audit on:2025-03-15", {"audit-begins", "audit-pauses"}},
    {"BeforeADayEndsBeforeItsFirstMoment", "budget before:2025-01-01", {"old-year"}},
    {"AfterADayBeginsWithTheNext", "budget* after:2024-12-31", {"new-year", "percent"}},
    {"AfterADayIsWithoutThatDay", "audit after:2025-03-15", {"audit-signed"}},
    {"BetweenTwoDays", "after:2024-12-30 before:2025-01-02", {"old-year", "new-year"}},
    {"OnTheLeapDay", "on:2024-02-29", {"leap-day"}},
    {"OnADayOfNothing", "on:2023-06-01", {}},
    {"DaysThatExcludeEachOther", "audit on:2025-03-15 after:2025-03-15", {}},
};
INSTANTIATE_TEST_SUITE_P(Days, Finds, testing::ValuesIn(days), case_name);

const std::vector<Case> filters{
    {"HasAFile", "has:file", {"blueprint", "photo", "sketches", "linked-file"}},
    {"HasAFileAndAWord", "logo has:file", {"sketches"}},
    {"HasALink", "has:link", {"docs-link", "wiki-link", "linked-file"}},
    {"HasALinkAndAWord", "wiki has:link", {"wiki-link"}},
    {"HasBoth", "has:file has:link", {"linked-file"}},
    {"AnOperatorAloneIsAQuery",
     "from:ivan",
     {"deploy-list", "harbour", "ticket", "wiki-link", "mail", "snake", "vector", "version"}},
    {"SeveralOperatorsAloneAreAQuery", "from:bob in:backend has:link", {"docs-link"}},
    {"AnUnknownOperatorIsText", "java:128", {"stack"}},
    {"AnUnknownOperatorIsTextThatMustBeThere", "zebra foo:bar", {}},
    {"AnOperatorInQuotesIsText", "\"from:bob\"", {}},
    {"ATimeOfDayIsText", "zebra 12:30", {}},
    {"AllKindsTogether", "audit* from:chloe in:archive on:2025-03-15 -begins", {"audit-pauses"}},
};
INSTANTIATE_TEST_SUITE_P(Filters, Finds, testing::ValuesIn(filters), case_name);

class RelativeDays : public Conformance {
 protected:
  std::vector<std::string> keys(const std::string& query) { return keys_found({"", query, {}}); }
  void SetUp() override {
    if (world.is_of_another_day()) GTEST_SKIP() << "midnight has passed since the corpus was made";
  }
};

TEST_F(RelativeDays, TodayIsTheDayItIsInUtc) {
  EXPECT_THAT(keys("standup on:today"), testing::ElementsAre("standup-today"));
}

TEST_F(RelativeDays, YesterdayIsTheDayBefore) {
  EXPECT_THAT(keys("standup on:yesterday"), testing::ElementsAre("standup-yesterday"));
}

TEST_F(RelativeDays, BeforeTodayEndsAtMidnight) {
  EXPECT_THAT(keys("standup before:today"), testing::ElementsAre("standup-yesterday"));
}

TEST_F(RelativeDays, AfterYesterdayBeginsAtMidnight) {
  EXPECT_THAT(keys("standup after:yesterday"), testing::ElementsAre("standup-today"));
}

}  // namespace
}  // namespace fechatter::test
