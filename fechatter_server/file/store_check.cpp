#include "fechatter_server/file/store_check.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::server {

awaitable<> check_store(file::DiskStore& store, std::uint64_t free_bytes_min) {
  // Removed again by its destructor.
  const auto probe = co_await store.create();
  const auto free = co_await store.free_bytes();
  if (free < free_bytes_min) {
    throw Error{ErrorCode::storage_full, "There is little room for files."};
  }
}

}  // namespace fechatter::server
