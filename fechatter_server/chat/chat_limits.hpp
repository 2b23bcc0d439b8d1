#pragma once

#include <cstdint>

#include "fechatter_core/event/fan_out_settings.hpp"

namespace fechatter::server {

// The limits of chats and of what one user may do with them.
struct ChatLimits {
  event::FanOutSettings fan_out;
  std::int64_t members_max = 100'000;  // of a chat
  // Of one user in one day (UTC): chats made, and people added to chats, while making them or
  // afterwards.
  std::int64_t made_per_day = 200;
  std::int64_t added_per_day = 5'000;
  std::int64_t restore_days = 30;  // a deleted chat is kept for so long
};

}  // namespace fechatter::server
