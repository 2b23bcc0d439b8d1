#include "notify_server/log/event_order.hpp"

#include <gtest/gtest.h>

namespace fechatter::notify {
namespace {

TEST(EventOrder, TheFirstMessageMayHaveAnySequence) {
  const EventOrder order;
  EXPECT_EQ(order.check({1, 1}, 0), SequenceCheck::next);
  EXPECT_EQ(order.check({4, 712}, 0), SequenceCheck::next);
}

TEST(EventOrder, WithinAnEpochOnlyTheNextSequenceFits) {
  EventOrder order;
  order.accept({1, 10}, EventId{1});
  EXPECT_EQ(order.check({1, 11}, 0), SequenceCheck::next);
  EXPECT_EQ(order.check({1, 12}, 0), SequenceCheck::gap);
  EXPECT_EQ(order.check({1, 10}, 0), SequenceCheck::stale);
  EXPECT_EQ(order.check({1, 9}, 0), SequenceCheck::stale);
}

TEST(EventOrder, ANewEpochBeginsAtTheFirstSequenceThatItsMessagesCarry) {
  EventOrder order;
  order.accept({1, 10}, EventId{1});
  EXPECT_EQ(order.check({2, 5}, 5), SequenceCheck::next);
  EXPECT_EQ(order.check({2, 11}, 11), SequenceCheck::next);
  EXPECT_EQ(order.check({2, 11}, 10), SequenceCheck::gap);
}

TEST(EventOrder, ANewEpochWithoutAFirstSequenceMayBeginAnywhere) {
  EventOrder order;
  order.accept({1, 10}, EventId{1});
  EXPECT_EQ(order.check({2, 5}, 0), SequenceCheck::next);
}

TEST(EventOrder, AMessageOfAnOlderEpochIsForeignOrStale) {
  EventOrder order;
  order.accept({2, 10}, EventId{1});
  EXPECT_EQ(order.check({1, 11}, 0), SequenceCheck::foreign);
  EXPECT_EQ(order.check({0, 11}, 0), SequenceCheck::foreign);
  EXPECT_EQ(order.check({1, 10}, 0), SequenceCheck::stale);
  EXPECT_EQ(order.check({1, 12}, 0), SequenceCheck::stale);
}

TEST(EventOrder, ADuplicateAdvancesThePosition) {
  EventOrder order;
  EXPECT_EQ(order.accept({1, 1}, EventId{7}), Novelty::first);
  EXPECT_EQ(order.accept({1, 2}, EventId{7}), Novelty::duplicate);
  EXPECT_EQ(order.position(), (Position{1, 2}));
}

TEST(EventOrder, AnEventOfAnEarlierEpochIsRepublishedOnce) {
  EventOrder order;
  order.accept({1, 1}, EventId{7});
  EXPECT_EQ(order.accept({2, 1}, EventId{7}), Novelty::republished);
  EXPECT_EQ(order.accept({2, 2}, EventId{7}), Novelty::duplicate);
  EXPECT_EQ(order.accept({2, 3}, EventId{8}), Novelty::first);
}

TEST(EventOrder, AnEventFirstPublishedBeforeTheStartIsRepublished) {
  EventOrder order;
  order.begin_after({3, 100});
  EXPECT_EQ(order.accept({4, 1}, EventId{50}, {3, 90}), Novelty::republished);
  EXPECT_EQ(order.accept({4, 2}, EventId{51}, {2, 900}), Novelty::republished);
}

TEST(EventOrder, AnEventThatWasLostBeforeItArrivedIsNew) {
  EventOrder order;
  order.begin_after({3, 100});
  EXPECT_EQ(order.accept({4, 1}, EventId{50}, {3, 101}), Novelty::first);
  EXPECT_EQ(order.accept({6, 1}, EventId{51}, {5, 7}), Novelty::first);
}

// Clients have refetched by REST, after their Reset, what was published before the loss.
TEST(EventOrder, AfterALossNoEventOfAnEarlierEpochIsNew) {
  EventOrder order;
  order.begin_after({3, 100});
  order.lose({4, 20});
  EXPECT_EQ(order.accept({5, 1}, EventId{50}, {3, 101}), Novelty::republished);
  EXPECT_EQ(order.accept({5, 2}, EventId{51}, {4, 20}), Novelty::republished);
  EXPECT_EQ(order.accept({5, 3}, EventId{52}, {4, 21}), Novelty::first);
}

TEST(EventOrder, ASkippedMessageAdvancesThePosition) {
  EventOrder order;
  order.accept({1, 1}, EventId{7});
  order.skip({1, 2});
  EXPECT_EQ(order.check({1, 3}, 0), SequenceCheck::next);
}

}  // namespace
}  // namespace fechatter::notify
