#pragma once

#include <string>

#include "fechatter_server/command/command.hpp"

// How an operator founds a workspace, whatever auth.sign_up says.
namespace fechatter::server {

// `admin create-owner`: makes a workspace and its owner, whose password is the first line of stdin.
// The rules are those of a sign-up.
void add_create_owner(CommandTable& table, CLI::App& admin);

// Makes a founding token and prints it to stdout, or to stderr with --json, which is the only copy:
// the database has its hash, no log has it. Prints nothing where auth.sign_up takes no such token,
// when there is a workspace, and while a token printed before has not expired. `database_url` may
// be that of either role. Throws as postgres::Connection does.
void print_founding_token(const ServerSettings& settings, const std::string& database_url,
                          bool to_stderr = false);

}  // namespace fechatter::server
