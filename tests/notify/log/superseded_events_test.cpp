#include "notify_server/log/superseded_events.hpp"

#include <gmock/gmock.h>

#include "tests/notify/events.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Position start{1, 10};

// The events at the sequences from 11 on.
ReplaySlice slice_of(std::vector<event::Envelope> envelopes) {
  ReplaySlice slice;
  slice.through = start.stream_seq;
  for (auto& envelope : envelopes) {
    envelope.event_id = EventId{static_cast<std::int64_t>(++slice.through)};
    slice.events.push_back(make_event(std::move(envelope), {1, slice.through}));
  }
  return slice;
}

event::Envelope unversioned(MessageKey message) {
  auto envelope = shows(message, 1, 1);
  envelope.version.reset();
  return envelope;
}

std::vector<std::uint64_t> sequences(const ReplaySlice& slice) {
  std::vector<std::uint64_t> found;
  for (const auto& event : slice.events) found.push_back(event->position.stream_seq);
  return found;
}

constexpr MessageKey first{lunch, 1};
constexpr MessageKey second{lunch, 2};

TEST(SupersededEvents, EachMessageOfASliceIsLookedForOnce) {
  const auto slice = slice_of({shows(second, 1, 1), shows(first, 1, 1), joins(bob, lunch, 1),
                               shows(second, 2, 1), shows({secret, 1}, 1, 1)});
  EXPECT_THAT(messages_in(slice), ElementsAre(first, second, MessageKey{secret, 1}));
}

TEST(SupersededEvents, OnlyThePresentVersionIsLeft) {
  auto slice = slice_of({shows(first, 1, 1), shows(second, 1, 1), shows(first, 2, 1),
                         joins(bob, lunch, 1), shows(first, 3, 1)});
  leave_out_superseded(slice, start, {{first, 3}, {second, 1}});
  EXPECT_THAT(sequences(slice), ElementsAre(12, 14, 15));
  EXPECT_EQ(slice.through, 15U);
  EXPECT_FALSE(slice.expired);
}

TEST(SupersededEvents, AVersionWhoseSuccessorIsNotInTheSliceIsLeftOut) {
  auto slice = slice_of({shows(first, 1, 1)});
  leave_out_superseded(slice, start, {{first, 2}});
  EXPECT_THAT(slice.events, IsEmpty());
  EXPECT_EQ(slice.through, 11U);
}

// After a restore, the stream may be ahead of the database.
TEST(SupersededEvents, AVersionThatTheDatabaseDoesNotHaveYetIsLeftOut) {
  auto slice = slice_of({shows(first, 2, 1)});
  leave_out_superseded(slice, start, {{first, 1}});
  EXPECT_THAT(slice.events, IsEmpty());
}

TEST(SupersededEvents, EventsOfErasedMessagesAreLeftOut) {
  auto slice = slice_of({shows(first, 1, 1), shows(second, 1, 1)});
  leave_out_superseded(slice, start, {{second, 1}});
  EXPECT_THAT(sequences(slice), ElementsAre(12));
}

TEST(SupersededEvents, ASliceEndsBeforeAnEventWithoutAVersion) {
  auto slice = slice_of({shows(first, 1, 1), unversioned(second), shows(first, 2, 1)});
  leave_out_superseded(slice, start, {{first, 1}, {second, 1}});
  EXPECT_THAT(sequences(slice), ElementsAre(11));
  EXPECT_EQ(slice.through, 11U);
  EXPECT_FALSE(slice.expired);
}

TEST(SupersededEvents, ASliceThatBeginsWithoutAVersionIsExpired) {
  auto slice = slice_of({unversioned(first)});
  leave_out_superseded(slice, start, {{first, 1}});
  EXPECT_THAT(slice.events, IsEmpty());
  EXPECT_TRUE(slice.expired);
}

}  // namespace
}  // namespace fechatter::notify::test
