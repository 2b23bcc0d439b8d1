#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/workspace.hpp"

// Workspaces and their invitations as the API spells them.
namespace fechatter::server {

nlohmann::json to_json(const Workspace& workspace);
nlohmann::json to_json(const Invitation& invitation);  // without its token

}  // namespace fechatter::server
