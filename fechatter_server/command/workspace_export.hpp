#pragma once

#include <filesystem>

#include "fechatter_server/command/workspace_archive.hpp"

namespace fechatter::server {

// Writes the archive of a workspace into a folder, which must not exist or be empty, and returns
// its manifest, which is written last. REQUIRES: `connection` is the schema's owner's. Throws
// std::runtime_error for a file that cannot be read or written, and what Connection throws.
nlohmann::ordered_json export_workspace(postgres::Connection& connection, file::FileStore& store,
                                        std::int64_t workspace,
                                        const std::filesystem::path& folder);

}  // namespace fechatter::server
