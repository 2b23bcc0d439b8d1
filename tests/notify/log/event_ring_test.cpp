#include "notify_server/log/event_ring.hpp"

#include <gtest/gtest.h>

#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

EventPtr event_at(Position position) {
  const auto id = static_cast<std::int64_t>(position.stream_seq);
  return make_event(test::in_chat(test::lunch, id), position);
}

EventRing ring_of_epoch_1(std::uint64_t after, std::uint64_t last, EventRing::Limits limits = {}) {
  EventRing ring{limits};
  ring.restart({1, after}, {});
  for (auto seq = after + 1; seq <= last; ++seq) ring.append(event_at({1, seq}));
  return ring;
}

TEST(EventRing, HoldsTheEventsAfterItsStart) {
  const auto ring = ring_of_epoch_1(10, 20);
  EXPECT_EQ(ring.status_of({1, 10}), CursorStatus::in_ring);
  EXPECT_EQ(ring.status_of({1, 15}), CursorStatus::in_ring);
  EXPECT_EQ(ring.status_of({1, 20}), CursorStatus::in_ring);
}

TEST(EventRing, ACursorBeforeItsStartIsEvicted) {
  EXPECT_EQ(ring_of_epoch_1(10, 20).status_of({1, 9}), CursorStatus::evicted);
}

TEST(EventRing, AnOlderEpochIsExpiredAndANewerOneAhead) {
  auto ring = ring_of_epoch_1(10, 20);
  ring.restart({2, 0}, {});
  EXPECT_EQ(ring.status_of({1, 15}), CursorStatus::expired);
  EXPECT_EQ(ring.status_of({3, 1}), CursorStatus::ahead);
}

TEST(EventRing, ACursorBeyondThePositionIsAhead) {
  EXPECT_EQ(ring_of_epoch_1(10, 20).status_of({1, 21}), CursorStatus::ahead);
}

TEST(EventRing, AfterReturnsTheLaterEventsInOrder) {
  const auto ring = ring_of_epoch_1(0, 5);
  std::vector<std::uint64_t> found;
  for (auto it = ring.after(2); it != ring.end(); ++it) found.push_back((*it)->position.stream_seq);
  EXPECT_EQ(found, (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST(EventRing, ACursorAtASequenceWithoutAnEventIsInTheRing) {
  auto ring = ring_of_epoch_1(0, 5);
  ring.advance({1, 9});
  EXPECT_EQ(ring.status_of({1, 7}), CursorStatus::in_ring);
  EXPECT_EQ(ring.after(7), ring.end());
}

TEST(EventRing, BeyondItsLimitOfEventsTheOldestAreEvicted) {
  const auto ring = ring_of_epoch_1(0, 10, {4, 1'000'000});
  EXPECT_EQ(ring.size(), 4U);
  EXPECT_EQ(ring.status_of({1, 6}), CursorStatus::in_ring);
  EXPECT_EQ(ring.status_of({1, 5}), CursorStatus::evicted);
}

TEST(EventRing, BeyondItsLimitOfBytesTheOldestAreEvicted) {
  const auto one = event_at({1, 1})->frame.size();
  const auto ring = ring_of_epoch_1(0, 5, {100, one * 2});
  EXPECT_EQ(ring.size(), 2U);
  EXPECT_LE(ring.bytes(), one * 2);
}

}  // namespace
}  // namespace fechatter::notify
