#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `serve`, which is also what the program does without a command: serves until SIGTERM or SIGINT,
// then drains.
int serve(const CommandInput& input);

}  // namespace fechatter::server
