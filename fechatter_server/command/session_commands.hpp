#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `admin sessions list|end`: the sessions of a user. `end` takes the rights of the schema's owner;
// the servers notice it within a second.
void add_session_commands(CommandTable& table, CLI::App& admin);

}  // namespace fechatter::server
