#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

TEST_F(ChaosChecker, ACorrectHistoryHasNoViolation) {
  EXPECT_THAT(violations(), IsEmpty())
      << violations()[0].invariant << ": " << violations()[0].detail;
}

TEST_F(ChaosChecker, AnAcknowledgedMessageMustBeStored) {
  final_state.messages.pop_back();
  EXPECT_THAT(violations(), violates("every 201"));
}

TEST_F(ChaosChecker, AMessageMustHaveTheAcknowledgedIdAndSeq) {
  histories.sends[1].answers = {{1002, 3}};
  EXPECT_THAT(violations(), violates("every 201"));
}

TEST_F(ChaosChecker, AMessageOfUnknownOutcomeMayBeStoredOrNot) {
  histories.sends.back().outcome = Outcome::unknown;
  histories.sends.back().answers.clear();
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AStoredMessageMustHaveBeenSent) {
  histories.sends.pop_back();
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(ChaosChecker, ARefusedMessageMustNotBeStored) {
  histories.sends.back().outcome = Outcome::fail;
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(ChaosChecker, AnIdempotencyKeyMustNotHaveTwoMessages) {
  auto twin = final_state.messages.back();
  twin.id = 2000;
  twin.seq = 6;
  final_state.messages.push_back(twin);
  EXPECT_THAT(violations(), violates("an idempotency key has one message"));
}

TEST_F(ChaosChecker, TheAnswersToAKeyMustNameOneMessage) {
  histories.sends[0].answers.emplace_back(1002, 2);
  EXPECT_THAT(violations(), violates("an idempotency key has one message"));
}

TEST_F(ChaosChecker, SeqMustHaveNoGap) {
  final_state.messages.back().seq = 6;
  EXPECT_THAT(violations(), violates("seq is 1..n"));
}

TEST_F(ChaosChecker, AMessageMustHaveOneNewMessageEvent) {
  final_state.events[1].type = "Nothing";
  EXPECT_THAT(violations(), violates("every message and every change"));
}

TEST_F(ChaosChecker, AnEventMustHaveTheSentContent) {
  final_state.events[1].content = "otherwise";
  EXPECT_THAT(violations(), violates("every message and every change"));
}

TEST_F(ChaosChecker, AnAcknowledgedEditMustHaveAnEvent) {
  Change edit;
  edit.kind = Change::Kind::edit;
  edit.subject = 1001;
  edit.content = "better";
  edit.outcome = Outcome::ok;
  histories.changes.push_back(edit);
  EXPECT_THAT(violations(), violates("every message and every change"));
}

TEST_F(ChaosChecker, AnEditEventMustHaveAnEdit) {
  add_event({9, 900, 1, chat, "MessageUpdated", 1, 1001, "better", true, {}, {}, {}});
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(ChaosChecker, AnAcknowledgedDeletionMustHaveAnEvent) {
  Change deletion;
  deletion.kind = Change::Kind::deletion;
  deletion.subject = 1001;
  deletion.outcome = Outcome::ok;
  histories.changes.push_back(deletion);
  EXPECT_THAT(violations(), violates("every message and every change"));
}

TEST_F(ChaosChecker, APersonWithALeaveEventMustNotBeAMember) {
  final_state.members.emplace_back(chat, carol);
  EXPECT_THAT(violations(), violates("the members are those"));
}

TEST_F(ChaosChecker, AnAcknowledgedLeaveMustHaveAnEvent) {
  Change leave;
  leave.kind = Change::Kind::leave;
  leave.chat = chat;
  leave.subject = bob;
  leave.invoked = 300;
  leave.completed = 310;
  leave.outcome = Outcome::ok;
  histories.changes.push_back(leave);
  EXPECT_THAT(violations(), violates("the members are those"));
}

}  // namespace
}  // namespace fechatter::chaos
