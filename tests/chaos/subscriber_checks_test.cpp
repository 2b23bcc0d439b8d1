#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ChaosChecker, ASubscriberMustNotMissAnEvent) {
  drop_event(bob, 3);
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, ASubscriberMustNotMissTheLastEvent) {
  drop_event(bob, 8);
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, ADisconnectedSubscriberMustNotMissAnEvent) {
  reconnect_after(bob, 2, 250);
  drop_event(bob, 3);
  EXPECT_THAT(violations(), violates("miss no event"));
}

// Event 3 is the second message, event 9 its edit.
TEST_F(ChaosChecker, AReplayMayLeaveOutASupersededEvent) {
  edit(2, "second, edited");
  EXPECT_THAT(violations(), IsEmpty());
  reconnect_after(bob, 2, 250);
  drop_event(bob, 3);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AReplayMustNotLeaveOutAnEventWhoseSuccessorIsMissing) {
  edit(2, "second, edited");
  reconnect_after(bob, 2, 250);
  drop_event(bob, 3);
  drop_event(bob, 9);
  EXPECT_THAT(violations(), Contains(Field(&Violation::detail, HasSubstr("event 3 "))));
}

TEST_F(ChaosChecker, ALiveStreamMustNotLeaveOutASupersededEvent) {
  edit(2, "second, edited");
  reconnect_after(bob, 5);
  drop_event(bob, 3);
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, ALiveStreamMayLeaveOutAnErasedEventWhoseSuccessorIsDelivered) {
  edit(2, "second, edited");
  reconnect_after(bob, 5);
  drop_event(bob, 3);
  final_state.events[2].erased = true;
  final_state.events[2].content.clear();
  EXPECT_THAT(violations(), IsEmpty());
  drop_event(bob, 9);
  EXPECT_THAT(violations(), Contains(Field(&Violation::detail, HasSubstr("event 3 "))));
}

TEST_F(ChaosChecker, ASubscriberMayMissEventsBeforeAReset) {
  histories.faults.push_back({"flip", "", 200, 210});
  reconnect_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(StreamEntry::Kind::reset, 350, 3));
  drop_event(bob, 3);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AResetNeedsALoss) {
  reconnect_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(StreamEntry::Kind::reset, 350, 3));
  EXPECT_THAT(violations(), violates("no Reset without"));
}

TEST_F(ChaosChecker, AResetMustNotPrecedeTheLoss) {
  histories.faults.push_back({"flip", "", 400, 410});
  reconnect_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(StreamEntry::Kind::reset, 350, 3));
  EXPECT_THAT(violations(), violates("no Reset without"));
}

// Longer than the time in which lost events are republished.
constexpr Micros long_ago = 60'000'000;

TEST_F(ChaosChecker, ACursorOfThePresentEpochMustNotBeResetForALostStore) {
  histories.faults.push_back({"store", "", 200 - long_ago, 210 - long_ago});
  reconnect_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(StreamEntry::Kind::reset, 350, 3));
  EXPECT_THAT(violations(), violates("no Reset without"));
}

TEST_F(ChaosChecker, ASubscriberMustNotMissAnEventAfterAReset) {
  reconnect_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(StreamEntry::Kind::reset, 350, 3));
  drop_event(bob, 5);
  EXPECT_THAT(violations(), violates("miss no event"));
}

// All is published again behind the Reset; event 3 was stored where it covers it.
TEST_F(ChaosChecker, AnEventThatADamagedStreamHeldBeforeAResetMayBeMissingInTheNextEpoch) {
  histories.faults.push_back({"flip", "", 200, 210});
  auto reset = entry(StreamEntry::Kind::reset, 350, 1);
  reset.text = "events_lost";
  insert(bob, index_of(bob, 2), reset);
  drop_event(bob, 3);
  EXPECT_THAT(violations(), violates("miss no event"));
  final_state.events[2].position = {2, 3};
  EXPECT_THAT(violations(), IsEmpty());
  histories.faults[0].kind = "store";
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, ASubscriberMustNotGetAnEventTwice) {
  auto again = entry_of(3);
  again.position = {1, 9};
  log_of(bob).push_back(again);
  EXPECT_THAT(violations(), violates("no event twice"));
}

class RepeatedEvent : public ChaosChecker {
 protected:
  // A power cut at that moment, a Reset behind it, and event 8 once more.
  void repeat_after_a_cut(Micros cut) {
    histories.faults.push_back({"store", unsynced_stream, cut, cut + 10});
    auto again = entry_of(8);
    again.position = {2, 0};
    auto reset = entry(StreamEntry::Kind::reset, 900, 0);
    reset.position = {2, 0};
    auto connected = entry(StreamEntry::Kind::connected, 890, 8);
    log_of(bob).insert(log_of(bob).end(),
                       {entry(StreamEntry::Kind::ended, 880), connected, reset, again});
  }
};

TEST_F(RepeatedEvent, MayComeWhenAPowerCutTookItFromTheStreamBeforeItWasMarked) {
  repeat_after_a_cut(850);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(RepeatedEvent, MustNotComeAfterALossWithoutAPowerCut) {
  repeat_after_a_cut(850);
  histories.faults[0].target.clear();
  EXPECT_THAT(violations(), violates("no event twice"));
}

TEST_F(RepeatedEvent, MustNotComeWhenTheCutWasBeforeIt) {
  repeat_after_a_cut(790);
  EXPECT_THAT(violations(), violates("no event twice"));
}

TEST_F(RepeatedEvent, MustNotComeWithoutAReset) {
  repeat_after_a_cut(850);
  log_of(bob).erase(log_of(bob).end() - 2);
  EXPECT_THAT(violations(), violates("no event twice"));
}

TEST_F(ChaosChecker, AnOwnReadHasNoPlaceInTheOrderOfTheChatsEvents) {
  add_event({9, 900, 1, chat, own_read, 0, 0, "", false, {bob}, {}, {}});
  post("sixth");  // 10
  log_of(bob).push_back(entry_of(10));
  auto late = entry_of(9);
  late.position = {1, 11};
  log_of(bob).push_back(late);
  EXPECT_THAT(violations(), IsEmpty());
  log_of(bob).push_back(late);
  EXPECT_THAT(violations(), violates("no event twice"));
}

TEST_F(ChaosChecker, ASubscriberMustNotMissAnEventOfItsOwnDraft) {
  add_event({9, 900, 1, chat, own_draft, 0, 0, "", false, {bob}, {}, {}});
  EXPECT_THAT(violations(), violates("miss no event"));
  log_of(bob).push_back(entry_of(9));
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AReconnectedSubscriberMustNotGetAnEventTwice) {
  reconnect_after(bob, 3);
  auto again = entry_of(3);
  again.position = {2, 1};
  insert(bob, index_of(bob, 3) + 3, again);
  EXPECT_THAT(violations(), violates("no event twice"));
}

TEST_F(ChaosChecker, EventsOfAChatMustBeInOrder) {
  std::swap(log_of(bob)[index_of(bob, 2)], log_of(bob)[index_of(bob, 3)]);
  EXPECT_THAT(violations(), violates("in order"));
}

TEST_F(ChaosChecker, PositionsMustAdvance) {
  log_of(bob)[index_of(bob, 3)].position = {1, 2};
  EXPECT_THAT(violations(), violates("in order"));
}

TEST_F(ChaosChecker, AnEventMustHaveTheStoredContent) {
  log_of(bob)[index_of(bob, 3)].content_hash = 0;
  EXPECT_THAT(violations(), violates("as they were stored"));
}

TEST_F(ChaosChecker, AnEventMustBeInTheOutbox) {
  auto unknown = entry_of(8);
  unknown.event_id = 99;
  unknown.position = {1, 99};
  log_of(bob).push_back(unknown);
  EXPECT_THAT(violations(), violates("as they were stored"));
}

TEST_F(ChaosChecker, ANonMemberMustNotGetAnEvent) {
  add_subscriber(mallory, {5});
  EXPECT_THAT(violations(), violates("bytes of a foreign chat"));
}

TEST_F(ChaosChecker, AFormerMemberMustNotGetALaterEvent) {
  log_of(carol).push_back(entry_of(8));
  EXPECT_THAT(violations(), violates("bytes of a foreign chat"));
}

TEST_F(ChaosChecker, AFutureMemberMustNotGetAnEarlierEvent) {
  insert(carol, 2, entry_of(2));
  EXPECT_THAT(violations(), violates("bytes of a foreign chat"));
}

TEST_F(ChaosChecker, ANewMemberMayGetAnEarlierEvent) {
  auto earlier = entry_of(3);
  earlier.at = 450;
  insert(carol, 2, earlier);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AMemberRemovedWhileDisconnectedNeedNotGetTheRest) {
  reconnect_after(carol, 5, 250);
  drop_event(carol, 6);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ChaosChecker, AMemberMustGetEveryEventBeforeLeaving) {
  reconnect_after(carol, 4);
  drop_event(carol, 5);
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, AMemberNeedNotGetEventsDeliveredAfterLeaving) {
  drop_event(carol, 5);
  drop_event(carol, 6);
  EXPECT_THAT(violations(), IsEmpty());
}

// An event of another chat with a later id was published and delivered first; then carol left.
TEST_F(ChaosChecker, AMemberNeedNotGetEventsPublishedAfterLeaving) {
  add_event({9, 500, 1, elsewhere, "NewChat", 0, elsewhere, "", false, {carol}, {carol}, {}});
  auto first = entry_of(9);
  first.position = {1, 4};
  insert(carol, index_of(carol, 4) + 1, first);
  drop_event(carol, 5);
  EXPECT_THAT(violations(), violates("miss no event"));
  final_state.events[4].position = {1, 6};
  drop_event(carol, 6);
  EXPECT_THAT(violations(), testing::Not(violates("miss no event")));
}

TEST_F(ChaosChecker, AMemberRemovedWhileDisconnectedMustGetTheRemoval) {
  reconnect_after(carol, 5, 250);
  drop_event(carol, 7);
  EXPECT_THAT(violations(), violates("miss no event"));
}

TEST_F(ChaosChecker, AnEventMustNotContainBytesOfAnotherChat) {
  log_of(bob)[index_of(bob, 3)].canaries.push_back(elsewhere);
  EXPECT_THAT(violations(), violates("bytes of a foreign chat"));
}

TEST_F(ChaosChecker, AForeignChatMustNotBeReadable) {
  histories.foreign_reads.push_back({mallory, chat, 200, {chat}, 500});
  EXPECT_THAT(violations(), violates("bytes of a foreign chat"));
}

TEST_F(ChaosChecker, AResetMustNotFollowReplayedEvents) {
  reconnect_after(bob, 2);
  insert(bob, index_of(bob, 3) + 1, entry(StreamEntry::Kind::reset, 350, 3));
  EXPECT_THAT(violations(), violates("a Reset comes first"));
}

TEST_F(ChaosChecker, AConnectionMustNotGetCaughtUpTwice) {
  insert(bob, index_of(bob, 3), entry(StreamEntry::Kind::caught_up, 250, 2));
  EXPECT_THAT(violations(), violates("one CaughtUp"));
}

TEST_F(ChaosChecker, AStoppedClientIsAViolation) {
  histories.broken.emplace_back("no JSON");
  EXPECT_THAT(violations(), violates("a stream is"));
}

}  // namespace
}  // namespace fechatter::chaos
