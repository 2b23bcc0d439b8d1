#include "notify_server/log/event_ring.hpp"

#include <gtest/gtest.h>

#include "notify_server/membership/recipients.hpp"
#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

EventPtr event_at(Position position) {
  const auto id = static_cast<std::int64_t>(position.stream_seq);
  return make_event(test::in_chat(test::lunch, id), position);
}

EventPtr shows(std::int64_t seq, std::int64_t version, std::uint64_t stream_seq) {
  const auto id = static_cast<std::int64_t>(stream_seq);
  return make_event(test::shows({test::lunch, seq}, version, id), {1, stream_seq});
}

std::vector<std::uint64_t> shown_in(const EventRing& ring) {
  std::vector<std::uint64_t> found;
  for (auto it = ring.after(0); it != ring.end(); ++it) {
    if ((*it)->shows_message()) found.push_back((*it)->position.stream_seq);
  }
  return found;
}

EventRing ring_of_epoch_1(std::uint64_t after, std::uint64_t last, EventRing::Limits limits = {}) {
  EventRing ring{limits};
  ring.restart({1, after}, {});
  for (auto seq = after + 1; seq <= last; ++seq) ring.append(event_at({1, seq}));
  return ring;
}

TEST(EventRing, HoldsNoPartOfAnEventThatIsNotReplayed) {
  EventRing ring{{}};
  ring.restart({1, 0}, {});
  auto envelope = test::in_chat(test::lunch, 1, "MessageRead");
  envelope.audience = {event::AudienceKind::users, {test::alice}, {}, {test::lunch}, {test::bob}};
  const auto event = make_event(envelope, {1, 1});
  ASSERT_TRUE(event->ephemeral_part);
  ring.append(event);
  const auto& held = **ring.after(0);
  EXPECT_FALSE(held.ephemeral_part);
  EXPECT_EQ(held.frame, event->frame);
  EXPECT_EQ(ring.bytes(), event->frame.size());
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

// A stream that lost its end, and the marks of it, has another event there.
TEST(EventRing, ACursorOfAnotherEventAtItsSequenceIsNotOne) {
  const auto ring = ring_of_epoch_1(10, 20, {8, 1'000'000});  // event n is at sequence n
  for (const std::uint64_t at : {12, 13, 16, 20}) {
    const auto event = static_cast<std::int64_t>(at);
    EXPECT_EQ(ring.status_of({{1, at}, EventId{event}}), CursorStatus::in_ring) << at;
    EXPECT_EQ(ring.status_of({{1, at}, {}}), CursorStatus::in_ring) << at;
    EXPECT_EQ(ring.status_of({{1, at}, EventId{event + 1}}), CursorStatus::used_again) << at;
  }
  EXPECT_EQ(ring.status_of({{1, 11}, EventId{12}}), CursorStatus::evicted);  // the stream knows
  EXPECT_EQ(ring.resume_id(), (FrameId{{1, 20}, EventId{20}}));
}

TEST(EventRing, WhereNoEventIsKnownACursorIsTakenAsItIs) {
  auto ring = ring_of_epoch_1(10, 20);
  EXPECT_EQ(ring.status_of({{1, 10}, EventId{5}}), CursorStatus::in_ring);
  ring.advance({1, 21});
  EXPECT_EQ(ring.status_of({{1, 21}, EventId{5}}), CursorStatus::in_ring);
  EXPECT_EQ(ring.resume_id(), (FrameId{{1, 21}, {}}));
  ring.advance({1, 22}, EventId{7});
  ring.advance({1, 22});
  EXPECT_EQ(ring.status_of({{1, 22}, EventId{5}}), CursorStatus::used_again);
  EXPECT_EQ(ring.resume_id(), (FrameId{{1, 22}, EventId{7}}));
}

TEST(EventRing, ASupersededEventIsKnownAtItsSequence) {
  auto ring = ring_of_epoch_1(0, 0);
  for (const auto version : {1, 2, 3}) {
    ring.append(shows(1, version, static_cast<std::uint64_t>(version)));
  }
  EXPECT_EQ(ring.status_of({{1, 2}, EventId{2}}), CursorStatus::in_ring);
  EXPECT_EQ(ring.status_of({{1, 2}, EventId{9}}), CursorStatus::used_again);
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

using Sequences = std::vector<std::uint64_t>;

TEST(EventRing, ALaterEventOfAMessageSupersedesTheEarlierOnes) {
  auto ring = ring_of_epoch_1(0, 0);
  const std::weak_ptr<const Event> text = [&ring] {
    auto event = shows(1, 1, 1);
    ring.append(event);
    return std::weak_ptr{event};
  }();
  ring.append(shows(2, 1, 2));
  ring.append(shows(1, 2, 3));
  EXPECT_TRUE(text.expired());
  EXPECT_EQ(shown_in(ring), (Sequences{2, 3}));
  ring.append(shows(1, 3, 4));
  EXPECT_EQ(shown_in(ring), (Sequences{2, 4}));
}

TEST(EventRing, ASupersededEventIsForNoUserAndLeavesThePositionsAsTheyAre) {
  auto ring = ring_of_epoch_1(0, 0);
  for (const auto version : {1, 2}) {
    ring.append(shows(1, version, static_cast<std::uint64_t>(version)));
  }
  const auto& superseded = **ring.after(0);
  EXPECT_EQ(superseded.position, (Position{1, 1}));
  CachedUser alice;
  alice.workspace_id = test::acme;
  alice.chats = {{test::lunch, EventId{1}}};
  EXPECT_FALSE(is_recipient(alice, superseded));
  EXPECT_TRUE(is_recipient(alice, **ring.after(1)));
  EXPECT_EQ(ring.status_of({1, 0}), CursorStatus::in_ring);
  EXPECT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring.bytes(), (*ring.after(1))->frame.size());
}

TEST(EventRing, MessagesOfTheSameNumberInOtherChatsAreOthers) {
  auto ring = ring_of_epoch_1(0, 0);
  ring.append(shows(1, 1, 1));
  ring.append(make_event(test::shows({test::secret, 1}, 2, 2), {1, 2}));
  EXPECT_EQ(shown_in(ring), (Sequences{1, 2}));
}

TEST(EventRing, AnEventThatWasReadEarlierIsSupersededByTheRing) {
  auto ring = ring_of_epoch_1(10, 10);
  const auto read_earlier = shows(1, 1, 5);
  EXPECT_FALSE(ring.has_superseded(*read_earlier));
  const auto edit = shows(1, 2, 11);
  ring.append(edit);
  EXPECT_TRUE(ring.has_superseded(*read_earlier));
  EXPECT_FALSE(ring.has_superseded(*edit));
  EXPECT_FALSE(ring.has_superseded(*shows(2, 1, 6)));
  EXPECT_FALSE(ring.has_superseded(*event_at({1, 7})));
}

TEST(EventRing, WhatIsEvictedSupersedesNothingInTheRing) {
  auto ring = ring_of_epoch_1(0, 0, {2, 1'000'000});
  ring.append(shows(1, 1, 1));
  for (std::uint64_t seq = 2; seq <= 4; ++seq) ring.append(shows(2, 1, seq));
  EXPECT_FALSE(ring.has_superseded(*shows(1, 1, 0)));
  ring.append(shows(1, 2, 5));
  ring.append(shows(1, 3, 6));
  EXPECT_EQ(shown_in(ring), (Sequences{6}));
}

TEST(EventRing, ANewEpochBeginsWithoutWhatTheOldOneSuperseded) {
  auto ring = ring_of_epoch_1(0, 0);
  ring.append(shows(1, 2, 7));
  ring.begin_epoch({2, 0}, EventId{9});
  EXPECT_FALSE(ring.has_superseded(*shows(1, 1, 1)));
  ring.append(make_event(test::shows({test::lunch, 1}, 1, 1), {2, 1}));
  EXPECT_EQ(shown_in(ring), (Sequences{1}));
}

}  // namespace
}  // namespace fechatter::notify
