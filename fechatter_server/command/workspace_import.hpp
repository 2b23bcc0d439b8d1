#pragma once

#include <filesystem>
#include <functional>

#include "fechatter_server/command/workspace_archive.hpp"

namespace fechatter::server {

// Reads an archive into the database and the store, and returns its manifest. The whole archive is
// compared with its manifest first, and the rows are one transaction, at whose end
// `before_commit` is called, on the connection. REQUIRES: `connection` is the schema's owner's.
// Throws std::runtime_error for an archive that is damaged or of another schema, and Error
// (invalid_fields) when an id, an address or the name is taken.
nlohmann::ordered_json import_workspace(postgres::Connection& connection, file::FileStore& store,
                                        const std::filesystem::path& folder,
                                        const std::function<void(std::int64_t)>& before_commit);

}  // namespace fechatter::server
