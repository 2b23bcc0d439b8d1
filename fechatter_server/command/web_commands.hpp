#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `web assets FOLDER`: writes the assets of the client that this program carries, which the build
// of the next release takes as FECHATTER_WEB_PREVIOUS.
void add_web_commands(CommandTable& table);

}  // namespace fechatter::server
