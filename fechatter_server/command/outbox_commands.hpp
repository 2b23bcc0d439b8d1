#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `outbox status`: what waits to be published, and which instance publishes.
void add_outbox_commands(CommandTable& table);

}  // namespace fechatter::server
