#pragma once

#include <functional>
#include <optional>

#include "fechatter_core/file/descriptor.hpp"
#include "fechatter_core/file/file_store.hpp"

namespace fechatter::file {

// Calls `see` for each file of the store under `root` behind `after` (nullopt: from the first one),
// in the order of workspace, hash and extension, until it returns false. Left out is what place_of
// does not give: thumbnails, other names, symbolic links. Files that come or go meanwhile may be
// missed. In memory are the names of one folder of each level. Blocks; any thread; throws as
// throw_disk_error does, and what `see` throws.
void list_files(const Descriptor& root, const std::optional<FileKey>& after,
                const std::function<bool(const StoredFile&)>& see);

}  // namespace fechatter::file
