#pragma once

#include "notify_server/log/event_ring.hpp"
#include "notify_server/stream/catch_up_state.hpp"
#include "notify_server/stream/shard_settings.hpp"

namespace fechatter::notify {

// The `reason` of a Reset, as clients read it.
namespace reset_reason {
inline constexpr std::string_view cursor_ahead = "cursor_ahead";
inline constexpr std::string_view events_lost = "events_lost";
inline constexpr std::string_view malformed_cursor = "malformed_cursor";
inline constexpr std::string_view no_longer_held = "no_longer_held";
inline constexpr std::string_view too_far_behind = "too_far_behind";
}  // namespace reset_reason

// The next step of a connection that catches up.
struct CatchUpStep {
  enum class Kind { wait, replay_ring, replay_stream, reset, close };
  Kind kind;
  std::string_view reason = {};  // of a reset
};

// The one place that decides how a client catches up. Pure, but for SteadyClock. `at_head_at`: when
// the ring was last known to be at the stream head. REQUIRES: the user's memberships are known.
CatchUpStep choose_step(const CatchUpState& state, const EventRing& ring,
                        const ShardSettings& settings, SteadyTime at_head_at);

// Whether the client may still wait for the ring: until the last tick before cursor_wait is over.
bool may_wait_for_ring(const CatchUpState& state, const ShardSettings& settings);

}  // namespace fechatter::notify
