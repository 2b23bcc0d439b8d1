#include "tests/notify/presence/presence_fixture.hpp"

namespace fechatter::notify {
namespace {

TEST_F(PresenceTest, OnlineIsReportedAtOnceAndOfflineAfterTheGrace) {
  presence->open(alice, laptop);
  delta(there, {bob});
  EXPECT_THAT(changes(), ElementsAre("11 online", "12 online"));
  presence->close(alice, laptop);
  pass(8s);
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, ChangesOfBeingAwayAreForTheUserToo) {
  const auto next_is_of_away = [this] {
    pass(10s);
    const auto all = presence->take_changes();
    EXPECT_EQ(all.size(), 1U);
    return !all.empty() && all[0].of_away;
  };
  presence->open(alice, laptop);
  EXPECT_FALSE(next_is_of_away());  // online
  presence->note_said(alice, {true, from_unix_micros(1)});
  EXPECT_TRUE(next_is_of_away());
  presence->note_said(alice, {false, from_unix_micros(2)});
  EXPECT_TRUE(next_is_of_away());
}

TEST_F(PresenceTest, AUserWhoReconnectsWithinTheGraceWasNotOffline) {
  presence->open(alice, laptop);
  changes();
  presence->close(alice, laptop);
  pass(5s);
  delta(there, {alice});
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, TheGraceRestartsWithEachDisconnect) {
  presence->open(alice, laptop);
  changes();
  for (int i = 0; i < 3; ++i) {
    presence->close(alice, laptop);
    pass(6s);
    EXPECT_THAT(changes(), IsEmpty());
    if (i < 2) presence->open(alice, laptop);
  }
  pass(3s);
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
}

TEST_F(PresenceTest, AMoveToAnotherInstanceIsNotReported) {
  delta(there, {alice});
  changes();
  delta(elsewhere, {alice});
  presence->receive({there, Kind::gone});
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, ChangesAreGatheredForASecond) {
  presence->open(alice, laptop);
  pass(500ms);
  presence->open(bob, laptop);
  EXPECT_THAT(presence->take_changes(), IsEmpty());
  pass(500ms);
  EXPECT_EQ(presence->take_changes().size(), 1U);
  pass(500ms);
  EXPECT_THAT(presence->take_changes(), IsEmpty());  // one batch a second
  pass(500ms);
  EXPECT_EQ(presence->take_changes().size(), 1U);
}

TEST_F(PresenceTest, WhatIsLearntBeforeClientsCanAskIsNotReported) {
  start();
  digest(there, {alice});
  presence->begin_reports();
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
  delta(there, {}, {alice});
  pass(10s);
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
}

TEST_F(PresenceTest, UsersWhoComeRightAfterTheStartAreReported) {
  start();
  presence->begin_reports();
  presence->open(alice, laptop);
  delta(there, {bob});
  EXPECT_THAT(changes(), ElementsAre("11 online", "12 online"));
}

// A client may have read the list without them.
TEST_F(PresenceTest, TheUsersOfADigestThatIsLateAreReported) {
  start();
  presence->begin_reports();
  digest(there, {alice});
  EXPECT_THAT(changes(), ElementsAre("11 online"));
}

TEST_F(PresenceTest, WithoutChangesInASecondNoneAreReported) {
  settings.changes_max = 0;
  start();
  presence->begin_reports();
  presence->open(alice, laptop);
  EXPECT_THAT(changes(), IsEmpty());
  presence->close(alice, laptop);
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, ASecondHasALimitOfChanges) {
  settings.changes_max = 1;
  start();
  presence->begin_reports();
  presence->open(alice, laptop);
  presence->open(bob, laptop);
  EXPECT_THAT(changes(), ElementsAre("11 online"));
  EXPECT_THAT(presence->take_changes(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("12 online"));
}

TEST_F(PresenceTest, AnOfflineChangeHasTheTimeOfTheDisconnect) {
  presence->open(alice, laptop);
  changes();
  const auto left_at = now;
  presence->close(alice, laptop);
  pass(30s);
  const auto found = presence->take_changes();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].state.status, PresenceStatus::offline);
  EXPECT_EQ(found[0].state.since, left_at);
}

TEST_F(PresenceTest, AUserHasOneChangeInFiveSeconds) {
  presence->open(alice, laptop);
  EXPECT_THAT(changes(), ElementsAre("11 online"));
  presence->note_said(alice, {true, from_unix_micros(1)});
  EXPECT_THAT(changes(), IsEmpty());
  presence->note_said(alice, {false, from_unix_micros(2)});
  EXPECT_THAT(changes(), IsEmpty());
  presence->note_said(alice, {true, from_unix_micros(3)});
  for (int i = 0; i < 2; ++i) EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("11 away"));
}

TEST_F(PresenceTest, AStatusThatIsBackInTimeIsNotReported) {
  presence->open(alice, laptop);
  changes();
  presence->note_said(alice, {true, from_unix_micros(1)});
  pass(3s);
  presence->note_said(alice, {false, from_unix_micros(2)});
  pass(10s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, AUserWithoutActivityIsAwayAfterFiveMinutes) {
  presence->open(alice, laptop);
  changes();
  pass(4min);
  presence->note_activity(alice, phone, "");  // of a session without a stream
  presence->outgoing();
  pass(4min);
  presence->outgoing();
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
  pass(1min);
  presence->outgoing();
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  EXPECT_THAT(changes(), ElementsAre("11 away"));
  presence->note_activity(alice, laptop, "");
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
}

TEST_F(PresenceTest, ManualAwayHoldsUntilTakenBack) {
  presence->open(alice, laptop);
  presence->note_said(alice, {true, from_unix_micros(5)});
  presence->note_activity(alice, laptop, "");
  presence->open(alice, phone);
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  presence->note_said(alice, {false, from_unix_micros(4)});  // an earlier word
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  presence->note_said(alice, {false, from_unix_micros(6)});
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
}

TEST_F(PresenceTest, AWordCountsForAStreamThatOpensSoonAfter) {
  presence->note_said(alice, {true, from_unix_micros(5)});
  presence->note_said(bob, {true, from_unix_micros(5)});
  pass(1min);
  presence->open(alice, laptop);
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  pass(1min);
  presence->open(bob, laptop);
  EXPECT_EQ(status_of(bob), PresenceStatus::online);
}

TEST_F(PresenceTest, TheWordsOfThoseThatComeAreRead) {
  presence->open(alice, laptop);
  presence->open(alice, phone);
  presence->open(bob, laptop);
  presence->close(bob, laptop);
  EXPECT_THAT(presence->take_unread(10), ElementsAre(alice.user_id));
  EXPECT_THAT(presence->take_unread(10), IsEmpty());
  presence->on_connected();  // some may have been missed
  EXPECT_THAT(presence->take_unread(10), ElementsAre(alice.user_id));
  presence->note_said({alice.user_id, {}}, {true, from_unix_micros(5)});  // as it was read
  ASSERT_EQ(presence->outgoing()[0].users.size(), 1U);
  EXPECT_EQ(presence->outgoing().size(), 0U);
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
}

TEST_F(PresenceTest, OfSeveralInstancesTheMostPresentStatusCounts) {
  presence->receive({there, Kind::delta, 0, 1, {{alice, PresenceStatus::away, 400s}}});
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  presence->receive({elsewhere, Kind::delta, 0, 1, {{alice, PresenceStatus::online, 3s}}});
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
  EXPECT_EQ(presence->state_of(alice.user_id).since, now - 3s);
  presence->receive({elsewhere, Kind::gone});
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
}

TEST_F(PresenceTest, ThePlatformIsThatOfTheSessionThatWasActiveLast) {
  presence->open(alice, laptop);
  presence->open(alice, phone);
  presence->note_activity(alice, phone, "ios");
  pass(1s);
  presence->note_activity(alice, laptop, "web");
  EXPECT_EQ(presence->state_of(alice.user_id).platform, "web");
  presence->receive({there, Kind::delta, 0, 1, {{alice, PresenceStatus::online, 0s, "tv", 9s}}});
  EXPECT_EQ(presence->state_of(alice.user_id).platform, "web");
  presence->close(alice, laptop);
  EXPECT_EQ(presence->state_of(alice.user_id).platform, "ios");
}

TEST_F(PresenceTest, APlatformIsAChangeAndItsLossAfterAReconnectIsNone) {
  presence->open(alice, laptop);
  EXPECT_THAT(changes(), ElementsAre("11 online"));
  presence->note_activity(alice, laptop, "web");
  pass(5s);
  EXPECT_THAT(changes(), ElementsAre("11 online web"));
  presence->close(alice, laptop);
  presence->open(alice, laptop);
  pass(20s);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(PresenceTest, ADigestHasActivityAndPlatform) {
  presence->open(alice, laptop);
  presence->note_activity(alice, laptop, "web");
  presence->outgoing();
  pass(30s);
  EXPECT_THAT(presence->outgoing(),
              ElementsAre(PresenceMessage{
                  1, Kind::digest, 0, 1, {{alice, PresenceStatus::online, 30s, "web", 30s}}}));
}

TEST_F(PresenceTest, TheUsersOfASilentInstanceAreReportedWithoutAFurtherGrace) {
  delta(there, {alice});
  changes();
  const auto last_message = now - 1s;
  pass(75s);
  presence->evict_silent();
  EXPECT_THAT(online(), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("11 offline"));
  EXPECT_LT(now - last_message, 90s);
}

TEST_F(PresenceTest, AChangeThatDidNotReachTheClientsIsRepeatedAsItIsThen) {
  presence->open(alice, laptop);
  pass(1s);
  const auto lost = presence->take_changes();
  ASSERT_EQ(lost.size(), 1U);
  presence->repeat(lost[0]);
  presence->note_said(alice, {true, from_unix_micros(5)});
  pass(5s);
  EXPECT_THAT(changes(), ElementsAre("11 away"));
}

}  // namespace
}  // namespace fechatter::notify
