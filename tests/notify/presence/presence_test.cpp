#include "tests/notify/presence/presence_fixture.hpp"

namespace fechatter::notify {
namespace {

TEST_F(PresenceTest, AUserOnAnyInstanceIsOnline) {
  presence->open(alice, laptop);
  delta(there, {bob, mallory});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  EXPECT_THAT(online(other_workspace), ElementsAre(mallory.user_id));
}

TEST_F(PresenceTest, AUserWhoLeavesOneOfTwoInstancesIsStillOnline) {
  presence->open(alice, laptop);
  delta(there, {alice});
  presence->close(alice, laptop);
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {}, {alice});
  pass_grace();
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, AUserIsShownAsBeforeUntilTheGraceIsOver) {
  presence->open(alice, laptop);
  presence->note_said(alice, {true, from_unix_micros(1)});
  presence->close(alice, laptop);
  pass(9s);
  presence->outgoing();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  EXPECT_EQ(status_of(alice), PresenceStatus::away);
  delta(there, {alice});
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
  pass_grace();
  EXPECT_EQ(status_of(alice), PresenceStatus::online);
  delta(there, {}, {alice});
  pass_grace();
  EXPECT_EQ(status_of(alice), PresenceStatus::offline);
}

TEST_F(PresenceTest, AnInstanceIgnoresItsOwnMessages) {
  delta(1, {alice});
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, ASecondOfflineHasNoEffect) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(there, {}, {alice});
  delta(there, {}, {alice});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, ADigestCorrectsLostDeltas) {
  delta(there, {alice});
  digest(there, {bob});
  pass_grace();
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestRemovesNoUserBeforeItsLastPart) {
  delta(there, {alice});
  digest(there, {bob}, 0, 2);
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);
  pass_grace();
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, ADigestWithAMissingPartRemovesNoUser) {
  delta(there, {alice});
  digest(there, {}, 0, 3);
  digest(there, {bob}, 2, 3);
  pass_grace();
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(there, {}, 1, 2);  // of a digest whose first part is missing
  pass_grace();
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
}

TEST_F(PresenceTest, ASilentInstanceIsEvicted) {
  delta(there, {alice});
  delta(elsewhere, {bob});
  pass(75s);
  presence->evict_silent();
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  digest(elsewhere, {bob});
  pass(1s);
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(bob.user_id));
}

TEST_F(PresenceTest, SilenceCountsFromTheReconnect) {
  delta(there, {alice});
  pass(1h);
  presence->on_connected();
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, TheUsersOfAnInstanceThatEndsAreOfflineAfterTheGrace) {
  delta(there, {alice});
  presence->receive({there, Kind::gone});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  pass_grace();
  EXPECT_THAT(online(), IsEmpty());
}

TEST_F(PresenceTest, InstancesAndTheirUsersAreLimited) {
  delta(there, {alice});
  delta(elsewhere, {alice});
  delta(4, {bob});
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
  delta(there, {bob, {UserId{14}, acme}});
  EXPECT_THAT(online(), UnorderedElementsAre(alice.user_id, bob.user_id));
  presence->receive({elsewhere, Kind::gone});
  delta(there, {{UserId{14}, acme}});
  EXPECT_EQ(online().size(), 3U);
}

TEST_F(PresenceTest, ADeltaHasTheChangesSinceTheLast) {
  presence->open(alice, laptop);
  presence->open(bob, laptop);
  presence->close(bob, laptop);
  const auto messages = presence->outgoing();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, Kind::delta);
  EXPECT_THAT(messages[0].users, UnorderedElementsAre(Entry{alice, PresenceStatus::online},
                                                      Entry{bob, PresenceStatus::offline}));
  EXPECT_THAT(presence->outgoing(), IsEmpty());
}

TEST_F(PresenceTest, ADigestIsDueAfterItsInterval) {
  presence->open(alice, laptop);
  presence->outgoing();
  pass(30s);
  EXPECT_THAT(
      presence->outgoing(),
      ElementsAre(PresenceMessage{1, Kind::digest, 0, 1, {{alice, PresenceStatus::online, 30s}}}));
}

TEST_F(PresenceTest, AConnectedInstanceSendsItsDigestAndRequestsTheOthers) {
  presence->on_connected();
  EXPECT_THAT(presence->outgoing(),
              ElementsAre(PresenceMessage{1, Kind::digest}, PresenceMessage{1, Kind::request}));
}

TEST_F(PresenceTest, SeveralRequestsGetOneDigest) {
  pass(1s);
  presence->receive({there, Kind::request});
  EXPECT_EQ(presence->outgoing().size(), 1U);
  presence->receive({elsewhere, Kind::request});
  presence->receive({there, Kind::request});
  EXPECT_THAT(presence->outgoing(), IsEmpty());
  pass(1s);
  EXPECT_EQ(presence->outgoing().size(), 1U);
}

TEST_F(PresenceTest, ARequestSoonAfterAPeriodicDigestIsAnsweredAtOnce) {
  pass(30s);
  EXPECT_EQ(presence->outgoing().size(), 1U);
  presence->receive({there, Kind::request});
  EXPECT_EQ(presence->outgoing().size(), 1U);
}

TEST_F(PresenceTest, AnInstanceIsInformedWhenAllThatItHasHeardHaveSentTheirDigest) {
  presence.emplace(1, settings);
  pass(1s);
  EXPECT_FALSE(presence->informed());  // nothing was requested
  presence->on_connected();
  presence->outgoing();
  EXPECT_FALSE(presence->informed());  // the others had no time to answer
  digest(there, {alice}, 0, 2);
  delta(elsewhere, {bob});
  pass(1s);
  EXPECT_FALSE(presence->informed());
  digest(there, {}, 1, 2);
  EXPECT_FALSE(presence->informed());
  digest(elsewhere, {bob});
  EXPECT_TRUE(presence->informed());
}

TEST_F(PresenceTest, AnInstanceAloneIsInformedAfterTheTimeOfAnAnswer) {
  start();
  EXPECT_FALSE(presence->informed());
  pass(400ms);
  EXPECT_TRUE(presence->informed());
}

TEST_F(PresenceTest, ManyUsersAreSentInParts) {
  for (std::int64_t id = 1; id <= 2001; ++id) presence->open({UserId{id}, acme}, laptop);
  const auto deltas = presence->outgoing();
  ASSERT_EQ(deltas.size(), 3U);
  pass(30s);
  const auto digests = presence->outgoing();
  ASSERT_EQ(digests.size(), 3U);
  EXPECT_EQ(digests[2].part, 2U);
  EXPECT_EQ(digests[2].parts, 3U);
  EXPECT_EQ(digests[2].users.size(), 1U);
}

TEST_F(PresenceTest, AMessageOfAnUnknownKindProvesThatItsInstanceLives) {
  delta(there, {alice});
  pass(75s);
  presence->receive({there, Kind::unknown});
  pass(1s);
  presence->evict_silent();
  EXPECT_THAT(online(), ElementsAre(alice.user_id));
}

TEST_F(PresenceTest, AnUnknownKindChangesNoUser) {
  presence->receive({there, Kind::unknown, 0, 1, {{alice}}});
  EXPECT_THAT(online(), IsEmpty());
}

}  // namespace
}  // namespace fechatter::notify
