#pragma once

#include <cstdint>

#include "fechatter_core/config.hpp"

namespace fechatter::event {

// The limit of fan-out that both servers obey. It is a setting of fechatter_server, which stores it
// with the relay's lease (relay_state); notify_server reads it there.
struct FanOutSettings {
  // In a chat with more members, a change of members is published to the affected users only, and
  // presence is not published at all.
  std::int64_t member_limit = 200;
};

// Binds events.fan_out_member_limit. REQUIRES: `settings` outlives the loading.
void bind_fan_out(Config& config, FanOutSettings& settings);

}  // namespace fechatter::event
