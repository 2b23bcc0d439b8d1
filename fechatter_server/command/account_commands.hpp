#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `admin create-user|reset-password|suspend|resume|promote`: accounts of workspaces that there are.
// They take the rights of the schema's owner (database.migration_url), and add a row to audit_log
// in the transaction of the change. The servers notice ended sessions within a second.
void add_account_commands(CommandTable& table, CLI::App& admin);

}  // namespace fechatter::server
