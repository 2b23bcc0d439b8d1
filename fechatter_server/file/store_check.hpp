#pragma once

#include <cstdint>

#include "fechatter_core/file/file_store.hpp"

namespace fechatter::server {

// The check of /health: throws an Error unless the store is usable, and so many bytes are free for
// uploads. Any I/O thread.
awaitable<> check_store(file::FileStore& store, std::uint64_t free_bytes_min);

}  // namespace fechatter::server
