#include "fechatter_core/event/fan_out_settings.hpp"

namespace fechatter::event {

void bind_fan_out(Config& config, FanOutSettings& settings) {
  config.bind("events.fan_out_member_limit", settings.member_limit, 2, 10'000);
}

}  // namespace fechatter::event
