#include "tests/chaos/checking.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

TEST_F(Checking, FindsNothingWhereAllIsWell) {
  EXPECT_THAT(found(), IsEmpty()) << found()[0].invariant << ": " << found()[0].detail;
}

TEST_F(Checking, AMessageThatWasAnsweredMustBeThere) {
  final_state.messages.pop_back();
  EXPECT_THAT(found(), violates("every 201"));
}

TEST_F(Checking, AMessageMustBeWhereItsAnswerSaid) {
  histories.sends[1].answers = {{1002, 3}};
  EXPECT_THAT(found(), violates("every 201"));
}

TEST_F(Checking, AMessageOfUnknownOutcomeMayBeThereOrNot) {
  histories.sends.back().outcome = Outcome::unknown;
  histories.sends.back().answers.clear();
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Checking, AMessageThatNobodySentMustNotBeThere) {
  histories.sends.pop_back();
  EXPECT_THAT(found(), violates("nothing is there that nobody sent"));
}

TEST_F(Checking, AMessageThatWasRefusedMustNotBeThere) {
  histories.sends.back().outcome = Outcome::fail;
  EXPECT_THAT(found(), violates("nothing is there that nobody sent"));
}

TEST_F(Checking, AKeyMustNotGiveTwoMessages) {
  auto twin = final_state.messages.back();
  twin.id = 2000;
  twin.seq = 6;
  final_state.messages.push_back(twin);
  EXPECT_THAT(found(), violates("a key gives one message"));
}

TEST_F(Checking, TheAnswersUnderAKeyMustNameOneMessage) {
  histories.sends[0].answers.emplace_back(1002, 2);
  EXPECT_THAT(found(), violates("a key gives one message"));
}

TEST_F(Checking, NumbersMustHaveNoHole) {
  final_state.messages.back().seq = 6;
  EXPECT_THAT(found(), violates("seq is 1..n"));
}

TEST_F(Checking, AMessageMustHaveOneEvent) {
  final_state.events[1].type = "Nothing";
  EXPECT_THAT(found(), violates("every message has its event"));
}

TEST_F(Checking, AnEventMustSayWhatWasSent) {
  final_state.events[1].content = "otherwise";
  EXPECT_THAT(found(), violates("every message has its event"));
}

TEST_F(Checking, AnEditThatWasAnsweredMustBeTold) {
  Change edit;
  edit.kind = Change::Kind::edit;
  edit.subject = 1001;
  edit.content = "better";
  edit.outcome = Outcome::ok;
  histories.changes.push_back(edit);
  EXPECT_THAT(found(), violates("every message has its event, and every change"));
}

TEST_F(Checking, AnEditThatNobodyMadeMustNotBeTold) {
  add_event({9, 900, 1, chat, "MessageUpdated", 1, 1001, "better", true, {}, {}, {}});
  EXPECT_THAT(found(), violates("nothing is there that nobody sent"));
}

TEST_F(Checking, ADeletionThatWasAnsweredMustBeTold) {
  Change erase;
  erase.kind = Change::Kind::erase;
  erase.subject = 1001;
  erase.outcome = Outcome::ok;
  histories.changes.push_back(erase);
  EXPECT_THAT(found(), violates("every message has its event, and every change"));
}

TEST_F(Checking, WhoLeftByTheEventsMustNotBeAMember) {
  final_state.members.emplace_back(chat, guest);
  EXPECT_THAT(found(), violates("the members are those"));
}

TEST_F(Checking, WhoWasToldToHaveLeftMustHaveLeft) {
  Change leave;
  leave.kind = Change::Kind::leave;
  leave.chat = chat;
  leave.subject = bob;
  leave.invoked = 300;
  leave.completed = 310;
  leave.outcome = Outcome::ok;
  histories.changes.push_back(leave);
  EXPECT_THAT(found(), violates("the members are those"));
}

}  // namespace
}  // namespace fechatter::chaos
