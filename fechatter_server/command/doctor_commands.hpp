#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `doctor`: looks at everything that an installation needs, and changes nothing.
void add_doctor_command(CommandTable& table);

}  // namespace fechatter::server
