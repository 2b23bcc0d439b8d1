#include "notify_server/log/event_order.hpp"

#include <gtest/gtest.h>

namespace fechatter::notify {
namespace {

using Place = EventOrder::Place;
using News = EventOrder::News;

TEST(EventOrder, TheFirstMessageMayStandAnywhere) {
  const EventOrder order;
  EXPECT_EQ(order.place_of({1, 1}, 0), Place::next);
  EXPECT_EQ(order.place_of({4, 712}, 0), Place::next);
}

TEST(EventOrder, WithinAnEpochOnlyTheNextSequenceFollows) {
  EventOrder order;
  order.take({1, 10}, EventId{1});
  EXPECT_EQ(order.place_of({1, 11}, 0), Place::next);
  EXPECT_EQ(order.place_of({1, 12}, 0), Place::jump);
  EXPECT_EQ(order.place_of({1, 10}, 0), Place::stale);
  EXPECT_EQ(order.place_of({1, 9}, 0), Place::stale);
}

TEST(EventOrder, ANewEpochBeginsWhereItSays) {
  EventOrder order;
  order.take({1, 10}, EventId{1});
  EXPECT_EQ(order.place_of({2, 5}, 5), Place::next);
  EXPECT_EQ(order.place_of({2, 11}, 11), Place::next);
  EXPECT_EQ(order.place_of({2, 11}, 10), Place::jump);
}

TEST(EventOrder, ANewEpochThatDoesNotSayMayBeginAtAnySequence) {
  EventOrder order;
  order.take({1, 10}, EventId{1});
  EXPECT_EQ(order.place_of({2, 5}, 0), Place::next);
}

TEST(EventOrder, AnOlderEpochHasNothingToTell) {
  EventOrder order;
  order.take({2, 10}, EventId{1});
  EXPECT_EQ(order.place_of({1, 11}, 0), Place::blank);
  EXPECT_EQ(order.place_of({0, 11}, 0), Place::blank);
  EXPECT_EQ(order.place_of({1, 10}, 0), Place::stale);
  EXPECT_EQ(order.place_of({1, 12}, 0), Place::stale);
}

TEST(EventOrder, ARepeatIsNoNewsAndMovesThePositionOn) {
  EventOrder order;
  EXPECT_EQ(order.take({1, 1}, EventId{7}), News::fresh);
  EXPECT_EQ(order.take({1, 2}, EventId{7}), News::repeated);
  EXPECT_EQ(order.position(), (Position{1, 2}));
}

TEST(EventOrder, WhatAnEarlierEpochToldIsRetoldOnce) {
  EventOrder order;
  order.take({1, 1}, EventId{7});
  EXPECT_EQ(order.take({2, 1}, EventId{7}), News::retold);
  EXPECT_EQ(order.take({2, 2}, EventId{7}), News::repeated);
  EXPECT_EQ(order.take({2, 3}, EventId{8}), News::fresh);
}

TEST(EventOrder, WhatWasToldBeforeItsTimeIsNoNews) {
  EventOrder order;
  order.begin_after({3, 100});
  EXPECT_EQ(order.take({4, 1}, EventId{50}, {3, 90}), News::retold);
  EXPECT_EQ(order.take({4, 2}, EventId{51}, {2, 900}), News::retold);
}

TEST(EventOrder, WhatWasLostBeforeItCameIsNews) {
  EventOrder order;
  order.begin_after({3, 100});
  EXPECT_EQ(order.take({4, 1}, EventId{50}, {3, 101}), News::fresh);
  EXPECT_EQ(order.take({6, 1}, EventId{51}, {5, 7}), News::fresh);
}

// Everybody has fetched since then whatever was told before.
TEST(EventOrder, AfterALossNothingOfEarlierEpochsIsNews) {
  EventOrder order;
  order.begin_after({3, 100});
  order.lose({4, 20});
  EXPECT_EQ(order.take({5, 1}, EventId{50}, {3, 101}), News::retold);
  EXPECT_EQ(order.take({5, 2}, EventId{51}, {4, 20}), News::retold);
  EXPECT_EQ(order.take({5, 3}, EventId{52}, {4, 21}), News::fresh);
}

TEST(EventOrder, ASkippedMessageTakesItsPlace) {
  EventOrder order;
  order.take({1, 1}, EventId{7});
  order.skip({1, 2});
  EXPECT_EQ(order.place_of({1, 3}, 0), Place::next);
}

}  // namespace
}  // namespace fechatter::notify
