#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_server/command/command.hpp"

namespace fechatter::server {

// "operator ann": the account of the machine, or the one that called sudo.
std::string operator_name();

// 16 characters that tell calls apart, as the servers make them for requests.
std::string new_request_id();

// A row of audit_log for what changed something without a statement that adds the row itself.
// Without a workspace the target is the installation. Throws as postgres::Connection does.
void add_audit(const ServerSettings& settings, const CommandInput& input, const std::string& action,
               std::optional<std::int64_t> workspace = std::nullopt);

}  // namespace fechatter::server
