#include "fechatter_server/file/store_check.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::server {

awaitable<> check_store(file::FileStore& store, std::uint64_t free_bytes_min) {
  co_await store.check();
  const auto free = co_await store.free_bytes();
  if (free < free_bytes_min) {
    throw Error{ErrorCode::storage_full, "There is little room for files."};
  }
}

}  // namespace fechatter::server
