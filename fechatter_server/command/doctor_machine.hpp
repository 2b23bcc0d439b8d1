#pragma once

#include "fechatter_server/command/finding.hpp"
#include "fechatter_server/server_settings.hpp"

// What `doctor` looks at on this machine. Nothing throws; each adds its findings.
namespace fechatter::server {

// The signing key is there, is one, and is for its owner only.
void check_keys(Findings& findings, const ServerSettings& settings);
// Of this process: a service manager may give the server another limit.
void check_descriptors(Findings& findings, const ServerSettings& settings);
// The store of files can be written, and has room.
void check_files(Findings& findings, const ServerSettings& settings);

}  // namespace fechatter::server
