#pragma once

#include <memory>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_server/file/file_settings.hpp"

namespace fechatter::server {

// The store that `files.store` chooses. Throws std::runtime_error or std::invalid_argument that
// names the setting, or the folder, which cannot be used. A bucket is not asked for.
std::unique_ptr<file::FileStore> make_file_store(const FileSettings& settings);

}  // namespace fechatter::server
