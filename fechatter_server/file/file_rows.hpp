#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "fechatter_core/repository/file_repository.hpp"

// From rows to files, and back.
namespace fechatter::server {

// Of the columns of visible_files, in that workspace.
File to_file(const pqxx::row& row, WorkspaceId workspace);
// Of upload_rows.
Upload to_upload(const pqxx::row& row);
// Of the columns file_id, workspace_id, hash, extension.
std::vector<StoredFile> to_stored_files(const pqxx::result& rows);

// An array of width and height, or NULL.
std::optional<std::string> to_integers(const std::optional<PixelSize>& pixels);

}  // namespace fechatter::server
