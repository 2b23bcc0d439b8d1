#include "tests/chaos/checking.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

TEST_F(Checking, AListenerMustNotMissAnEvent) {
  hide(bob, 3);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, AListenerMustNotMissTheLastEvent) {
  hide(bob, 8);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, AListenerMustNotMissWhatHappenedWhileItWasAway) {
  comes_back_after(bob, 2, 250);
  hide(bob, 3);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, AListenerMayMissWhatWasBeforeAReset) {
  histories.faults.push_back({"flip", "", 200, 210});
  comes_back_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(Seen::Kind::reset, 350, 3));
  hide(bob, 3);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Checking, AResetMustNotComeWithoutALoss) {
  comes_back_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(Seen::Kind::reset, 350, 3));
  EXPECT_THAT(found(), violates("no Reset unless"));
}

TEST_F(Checking, AResetMustNotComeBeforeTheLoss) {
  histories.faults.push_back({"flip", "", 400, 410});
  comes_back_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(Seen::Kind::reset, 350, 3));
  EXPECT_THAT(found(), violates("no Reset unless"));
}

// Longer than it takes to tell again what was lost.
constexpr Micros long_ago = 60'000'000;

TEST_F(Checking, WhoCameWithThePresentEpochMustNotBeResetForALostStore) {
  histories.faults.push_back({"store", "", 200 - long_ago, 210 - long_ago});
  comes_back_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(Seen::Kind::reset, 350, 3));
  EXPECT_THAT(found(), violates("no Reset unless"));
}

TEST_F(Checking, AListenerMustNotMissWhatCameAfterAReset) {
  comes_back_after(bob, 2, 250);
  insert(bob, index_of(bob, 2) + 3, entry(Seen::Kind::reset, 350, 3));
  hide(bob, 5);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, AListenerMustNotSeeAnEventTwice) {
  auto again = sight_of(3);
  again.position = {1, 9};
  log_of(bob).push_back(again);
  EXPECT_THAT(found(), violates("nothing twice"));
}

TEST_F(Checking, AListenerMustNotSeeAnEventAgainAfterComingBack) {
  comes_back_after(bob, 3);
  auto again = sight_of(3);
  again.position = {2, 1};
  insert(bob, index_of(bob, 3) + 3, again);
  EXPECT_THAT(found(), violates("nothing twice"));
}

TEST_F(Checking, AListenerMustSeeTheOrder) {
  std::swap(log_of(bob)[index_of(bob, 2)], log_of(bob)[index_of(bob, 3)]);
  EXPECT_THAT(found(), violates("in its order"));
}

TEST_F(Checking, AListenerMustNotBeToldAPositionAgain) {
  log_of(bob)[index_of(bob, 3)].position = {1, 2};
  EXPECT_THAT(found(), violates("in its order"));
}

TEST_F(Checking, AListenerMustSeeTheMessageAsItWasSent) {
  log_of(bob)[index_of(bob, 3)].content_hash = 0;
  EXPECT_THAT(found(), violates("as it was sent"));
}

TEST_F(Checking, AListenerMustNotSeeWhatIsNoEvent) {
  auto unheard = sight_of(8);
  unheard.event_id = 99;
  unheard.position = {1, 99};
  log_of(bob).push_back(unheard);
  EXPECT_THAT(found(), violates("as it was sent"));
}

TEST_F(Checking, WhoIsNoMemberMustNotSeeAnEvent) {
  listens(mallory, {5});
  EXPECT_THAT(found(), violates("nobody sees a byte"));
}

TEST_F(Checking, WhoHasLeftMustNotSeeWhatComesAfter) {
  log_of(guest).push_back(sight_of(8));
  EXPECT_THAT(found(), violates("nobody sees a byte"));
}

TEST_F(Checking, WhoIsToComeLaterMustNotSeeWhatIsBefore) {
  insert(guest, 2, sight_of(2));
  EXPECT_THAT(found(), violates("nobody sees a byte"));
}

TEST_F(Checking, WhoCameInMeanwhileMaySeeWhatWasBefore) {
  auto earlier = sight_of(3);
  earlier.at = 450;
  insert(guest, 2, earlier);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Checking, WhoLeftWhileAwayNeedNotSeeTheRest) {
  comes_back_after(guest, 5, 250);
  hide(guest, 6);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Checking, WhoLeavesLaterMustSeeEverythingUntilThen) {
  comes_back_after(guest, 4);
  hide(guest, 5);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, WhoLeftBeforeAnythingMoreWasToldNeedNotSeeTheRest) {
  hide(guest, 5);
  hide(guest, 6);
  EXPECT_THAT(found(), IsEmpty());
}

// An event of another chat, drawn later, was published and told first; then the guest left.
TEST_F(Checking, WhoLeftNeedNotSeeWhatCameIntoTheStreamOnlyThen) {
  add_event({9, 500, 1, elsewhere, "NewChat", 0, elsewhere, "", false, {guest}, {guest}, {}});
  auto first = sight_of(9);
  first.position = {1, 4};
  insert(guest, index_of(guest, 4) + 1, first);
  hide(guest, 5);
  EXPECT_THAT(found(), violates("no hole"));
  final_state.events[4].position = {1, 6};
  hide(guest, 6);
  EXPECT_THAT(found(), testing::Not(violates("no hole")));
}

TEST_F(Checking, WhoLeftWhileAwayMustBeToldSo) {
  comes_back_after(guest, 5, 250);
  hide(guest, 7);
  EXPECT_THAT(found(), violates("no hole"));
}

TEST_F(Checking, BytesOfAnotherChatMustNotBeInAnEvent) {
  log_of(bob)[index_of(bob, 3)].canaries.push_back(elsewhere);
  EXPECT_THAT(found(), violates("nobody sees a byte"));
}

TEST_F(Checking, AChatThatIsNotOnesOwnMustNotBeShown) {
  histories.peeks.push_back({mallory, chat, 200, {chat}, 500});
  EXPECT_THAT(found(), violates("nobody sees a byte"));
}

TEST_F(Checking, AResetMustNotComeAfterAPartOfWhatWasMissed) {
  comes_back_after(bob, 2);
  insert(bob, index_of(bob, 3) + 1, entry(Seen::Kind::reset, 350, 3));
  EXPECT_THAT(found(), violates("Reset first"));
}

TEST_F(Checking, AConnectionMustNotBeCaughtUpTwice) {
  insert(bob, index_of(bob, 3), entry(Seen::Kind::caught_up, 250, 2));
  EXPECT_THAT(found(), violates("one CaughtUp"));
}

TEST_F(Checking, AClientThatGaveUpIsFound) {
  histories.broken.emplace_back("no JSON");
  EXPECT_THAT(found(), violates("a stream is"));
}

}  // namespace
}  // namespace fechatter::chaos
