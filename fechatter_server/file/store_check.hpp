#pragma once

#include <cstdint>

#include "fechatter_core/file/disk_store.hpp"

namespace fechatter::server {

// The check of /health: throws an Error unless a file can be made in the store, and so many bytes
// are free. Any I/O thread.
awaitable<> check_store(file::DiskStore& store, std::uint64_t free_bytes_min);

}  // namespace fechatter::server
