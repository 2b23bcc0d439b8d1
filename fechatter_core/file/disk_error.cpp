#include "fechatter_core/file/disk_error.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "fechatter_core/error.hpp"

namespace fechatter::file {

void throw_disk_error(const char* call, int error) {
  log_disk_error(call, error);
  if (error == ENOSPC || error == EDQUOT) {
    throw Error{ErrorCode::storage_full, "There is no room for more files."};
  }
  throw Error{ErrorCode::storage_unavailable, "The file store does not answer."};
}

void log_disk_error(const char* call, int error) {
  // Thousands of requests may meet the same disk.
  static std::atomic<std::time_t> logged_at{0};
  const auto second = std::time(nullptr);
  if (logged_at.exchange(second) == second) return;
  spdlog::error("file store: {} failed: {}", call, std::generic_category().message(error));
}

}  // namespace fechatter::file
