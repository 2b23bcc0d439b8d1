#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `keys --private --public`: makes a pair unless it exists. `keys status` and `keys rotate
// announce|switch|finish`: auth/key_rotation.hpp; the private key is that of the settings unless it
// is named.
void add_key_commands(CommandTable& table);

}  // namespace fechatter::server
