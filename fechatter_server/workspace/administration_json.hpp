#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/workspace_records.hpp"

// What owners and admins see of a workspace, as the API spells it.
namespace fechatter::server {

nlohmann::json to_json(const AuditRow& row);
nlohmann::json to_json(const OpenSession& session);
// A quota of 0 MiB is none: null.
nlohmann::json to_json(const WorkspaceUsage& usage, std::int64_t quota_mib,
                       std::int64_t user_quota_mib);

}  // namespace fechatter::server
