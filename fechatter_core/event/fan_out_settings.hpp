#pragma once

#include <cstdint>

#include "fechatter_core/config.hpp"

namespace fechatter::event {

// What both servers must agree on about fan-out.
struct FanOutSettings {
  // Above so many members of a chat, a join or leave event goes to the affected user only, and
  // presence is not pushed.
  std::int64_t member_limit = 200;
};

// Binds "events.fan_out_member_limit". REQUIRES: `settings` outlives the loading.
void bind_fan_out(Config& config, FanOutSettings& settings);

}  // namespace fechatter::event
