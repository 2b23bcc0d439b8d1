#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `files verify` compares the rows with the store: files whose bytes are missing, then bytes that
// no row knows. Both are printed, a line each, and nothing is changed. Shows its progress on
// stderr, ends early at SIGINT and SIGTERM, and prints then how to resume. Throws while the
// database or the store cannot be reached.
void add_file_commands(CommandTable& table);

}  // namespace fechatter::server
