#include "notify_server/stream/catch_up_step.hpp"

#include <gtest/gtest.h>

#include "fechatter_core/steady_clock.hpp"
#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

using namespace std::chrono_literals;
using Kind = CatchUpStep::Kind;

// A ring of epoch 2 that holds the sequences 11 to 20, on a clock that the test advances. The
// client has just begun to catch up.
class CatchUpStepTest : public testing::Test {
 public:
  CatchUpStepTest() {
    SteadyClock::simulate(&now);
    ring.begin_epoch({2, 10}, {});
    for (std::uint64_t seq = 11; seq <= 20; ++seq) append(seq);
    state.began = now;
  }
  ~CatchUpStepTest() override { SteadyClock::simulate(nullptr); }
  CatchUpStepTest(const CatchUpStepTest&) = delete;
  CatchUpStepTest& operator=(const CatchUpStepTest&) = delete;

 protected:
  void append(std::uint64_t seq) {
    const auto id = static_cast<std::int64_t>(seq);
    ring.append(make_event(test::in_chat(test::lunch, id), {2, seq}));
  }
  void set_cursor(Position position) { state.cursor = {Cursor::Kind::position, position}; }
  Kind kind() const { return choose_step(state, ring, settings, at_head_at).kind; }
  std::string_view reason() const { return choose_step(state, ring, settings, at_head_at).reason; }

  SteadyTime now = std::chrono::steady_clock::now();
  ShardSettings settings;
  EventRing ring{{}};
  CatchUpState state;
  SteadyTime at_head_at;
};

TEST_F(CatchUpStepTest, AFreshStreamOrACursorInTheRingIsServedFromTheRing) {
  EXPECT_EQ(kind(), Kind::replay_ring);
  set_cursor({2, 10});
  EXPECT_EQ(kind(), Kind::replay_ring);
  set_cursor({2, 20});
  EXPECT_EQ(kind(), Kind::replay_ring);
}

TEST_F(CatchUpStepTest, ACursorOfAnotherEventAtItsSequenceGetsAReset) {
  set_cursor({2, 15});
  state.cursor.event = EventId{15};
  EXPECT_EQ(kind(), Kind::replay_ring);
  state.cursor.event = EventId{14};
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "events_lost");
}

// The client was ahead; what comes then at its sequence may be another event.
TEST_F(CatchUpStepTest, ACursorAheadIsComparedWhenTheRingReachesIt) {
  set_cursor({2, 21});
  state.cursor.event = EventId{30};
  EXPECT_EQ(kind(), Kind::wait);
  append(21);
  EXPECT_EQ(kind(), Kind::reset);
}

TEST_F(CatchUpStepTest, AnEvictedCursorIsServedFromTheStream) {
  set_cursor({2, 9});
  EXPECT_EQ(kind(), Kind::replay_stream);
}

TEST_F(CatchUpStepTest, AnEvictedCursorTooFarBehindGetsAReset) {
  settings.replay_events_max = 10;
  set_cursor({2, 9});
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "too_far_behind");
}

TEST_F(CatchUpStepTest, AStartedReplayIsFinishedHoweverFarBehind) {
  settings.replay_events_max = 10;
  set_cursor({2, 9});
  state.replaying = true;
  EXPECT_EQ(kind(), Kind::replay_stream);
}

TEST_F(CatchUpStepTest, ACursorAheadWaitsForTheRing) {
  set_cursor({2, 21});
  EXPECT_EQ(kind(), Kind::wait);
}

TEST_F(CatchUpStepTest, ACursorAheadOfALaggingInstanceWaits) {
  set_cursor({2, 21});
  at_head_at = now - 1s;
  now += settings.cursor_wait;
  EXPECT_EQ(kind(), Kind::wait);
}

TEST_F(CatchUpStepTest, ACursorBeyondTheStreamHeadGetsAResetAfterTheWait) {
  set_cursor({2, 21});
  at_head_at = now;
  EXPECT_EQ(kind(), Kind::wait);
  now += settings.cursor_wait;
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "cursor_ahead");
}

TEST_F(CatchUpStepTest, ANonResumableIdWaitsForTheEndOfTheRepublish) {
  ring.begin_epoch({3, 0}, EventId{30});
  set_cursor({3, 0});
  EXPECT_EQ(kind(), Kind::wait);
  ring.append(make_event(test::in_chat(test::lunch, 30), {3, 1}));
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "no_longer_held");
}

TEST_F(CatchUpStepTest, AnExpiredCursorGetsAReset) {
  set_cursor({1, 20});
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "no_longer_held");
}

TEST_F(CatchUpStepTest, APartialReplayIsClosedInsteadOfReset) {
  set_cursor({1, 20});
  state.replaying = true;
  EXPECT_EQ(kind(), Kind::close);
}

TEST_F(CatchUpStepTest, AMalformedCursorGetsAReset) {
  state.cursor.kind = Cursor::Kind::malformed;
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "malformed_cursor");
}

TEST_F(CatchUpStepTest, LostEventsAreAResetWhateverTheCursor) {
  set_cursor({2, 20});
  state.reset_reason = reset_reason::events_lost;
  EXPECT_EQ(kind(), Kind::reset);
  EXPECT_EQ(reason(), "events_lost");
}

}  // namespace
}  // namespace fechatter::notify
