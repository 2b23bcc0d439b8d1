#pragma once

#include <string>

#include "fechatter_server/command/finding.hpp"
#include "fechatter_server/server_settings.hpp"

// What `doctor` asks the dependencies. Nothing throws; each adds its findings.
namespace fechatter::server {

// Its durability, its clock, the schema and the roles.
void check_postgres(Findings& findings, const ServerSettings& settings);
// Its version, JetStream and the stream; how it syncs, when `monitor_url` is not empty.
void check_nats(Findings& findings, const ServerSettings& settings, const std::string& monitor_url);
void check_search(Findings& findings, const ServerSettings& settings);

// Whether a version such as "2.10.23-rc.1" is at least another one. Pure.
bool is_at_least(const std::string& version, const std::string& wanted);

}  // namespace fechatter::server
