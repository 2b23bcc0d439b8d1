#include "notify_server/stream/catch_up_step.hpp"

#include "fechatter_core/steady_clock.hpp"

namespace fechatter::notify {
namespace {

// A lagging instance would deliver events that the client has already: the client waits, and is
// closed after catch_up_timeout. Only a cursor beyond the stream head is reset.
CatchUpStep choose_ahead(const CatchUpState& state, const ShardSettings& settings,
                         SteadyTime at_head_at) {
  if (may_wait_for_ring(state, settings) || at_head_at < state.began)
    return {CatchUpStep::Kind::wait};
  return {CatchUpStep::Kind::reset, reset_reason::cursor_ahead};
}

CatchUpStep choose_evicted(const CatchUpState& state, const EventRing& ring,
                           const ShardSettings& settings) {
  const auto missed = ring.position().stream_seq - state.cursor.position.stream_seq;
  const bool too_many = !state.replaying && missed > settings.replay_events_max;
  if (too_many) return {CatchUpStep::Kind::reset, reset_reason::too_far_behind};
  return {CatchUpStep::Kind::replay_stream};
}

}  // namespace

CatchUpStep choose_step(const CatchUpState& state, const EventRing& ring,
                        const ShardSettings& settings, SteadyTime at_head_at) {
  if (!state.reset_reason.empty()) return {CatchUpStep::Kind::reset, state.reset_reason};
  if (state.cursor.kind == Cursor::Kind::malformed) {
    return {CatchUpStep::Kind::reset, reset_reason::malformed_cursor};
  }
  if (state.cursor.kind == Cursor::Kind::none) return {CatchUpStep::Kind::replay_ring};
  switch (ring.status_of(state.cursor.id())) {
    case CursorStatus::in_ring: return {CatchUpStep::Kind::replay_ring};
    case CursorStatus::ahead: return choose_ahead(state, settings, at_head_at);
    case CursorStatus::evicted: return choose_evicted(state, ring, settings);
    // The client's former instance may have delivered events that this one has yet to republish.
    case CursorStatus::mid_republish: return {CatchUpStep::Kind::wait};
    case CursorStatus::used_again: return {CatchUpStep::Kind::reset, reset_reason::events_lost};
    case CursorStatus::expired: break;
  }
  // A partial replay is never followed by a Reset: the client reconnects and gets it first.
  if (state.replaying) return {CatchUpStep::Kind::close};
  return {CatchUpStep::Kind::reset, reset_reason::no_longer_held};
}

bool may_wait_for_ring(const CatchUpState& state, const ShardSettings& settings) {
  const auto waited = SteadyClock::now() - state.began;
  return waited + settings.tick < settings.cursor_wait;
}

}  // namespace fechatter::notify
