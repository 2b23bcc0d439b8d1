#pragma once

#include <string>

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `config check`: whether a server would start with these settings, as far as they and the files
// that they name show it; `config show [--origin]`: each key with its value, secrets masked.
// Neither asks a dependency.
void add_config_commands(CommandTable& table);

// A value as it may be shown: secrets, and the passwords in URLs and in libpq's keyword strings,
// are "********". Pure.
std::string masked(const ConfigValue& value);

}  // namespace fechatter::server
