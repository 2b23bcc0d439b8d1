#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `migrate`: applies what is missing, as the owner of the schema. `migrate status` and `plan` show
// what is there and what would be applied; `migrate verify` compares the database with the files,
// functions and views included.
void add_migrate_commands(CommandTable& table);

// What `migrate` does. Returns the names of what was applied. `json`: a founding token goes to
// stderr, since stdout is for the command's object. Throws as postgres::migrate does.
std::vector<std::string> run_migrations(const ServerSettings& settings, bool json = false);

}  // namespace fechatter::server
