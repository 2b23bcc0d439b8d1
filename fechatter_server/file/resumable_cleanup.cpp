#include "fechatter_server/file/resumable_cleanup.hpp"

#include <spdlog/spdlog.h>

namespace fechatter::server {
namespace {

// A row is made before its file, and a request makes the file of a row that has ended for a moment
// only.
constexpr std::chrono::hours orphan_age{1};
constexpr std::size_t orphans_max = 1000;  // of one round

}  // namespace

awaitable<std::size_t> ResumableCleanup::remove_expired(int slice) {
  std::size_t count = 0;
  const auto expired = co_await repository_.list_expired(slice);
  for (const auto& id : expired) {
    auto opening = partial_.open(id);
    const auto file = co_await std::move(opening);
    if (!file) continue;
    auto removing = repository_.remove_expired(id);
    const bool removed = co_await std::move(removing);
    if (!removed) continue;
    co_await file->remove();
    ++count;
  }
  if (count > 0) spdlog::info("collection of files: {} resumable uploads have expired", count);
  co_return count;
}

awaitable<std::size_t> ResumableCleanup::remove_orphans() {
  auto listing = partial_.list(orphan_age, orphans_max);
  auto names = co_await std::move(listing);
  if (names.empty()) co_return 0;
  auto asking = repository_.unknown_of(std::move(names));
  const auto unknown = co_await std::move(asking);
  std::size_t count = 0;
  for (const auto& name : unknown) {
    auto opening = partial_.open(name);
    const auto file = co_await std::move(opening);
    if (!file) continue;
    co_await file->remove();
    ++count;
  }
  if (count > 0) spdlog::info("collection of files: {} partial files without upload", count);
  co_return count;
}

}  // namespace fechatter::server
