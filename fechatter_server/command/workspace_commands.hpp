#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `workspace list`: what there is, and how large; and those of workspace_transfer.hpp.
void add_workspace_commands(CommandTable& table);

}  // namespace fechatter::server
