#pragma once

namespace fechatter::server {

// Runs what the arguments say, and returns the exit code (command.hpp). Prints what stops it to
// stderr, and with --json also as the command's object.
int run_command_line(int argc, char** argv);

}  // namespace fechatter::server
