#pragma once

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// `workspace export|import|delete`, with the rights of the schema's owner. An export is one
// snapshot of the database; an import is one transaction, and is refused when an id, an address or
// the name is taken; a deletion ends the sessions first, and cannot be undone.
void add_workspace_transfer(CommandTable& table, CLI::App& group);

}  // namespace fechatter::server
