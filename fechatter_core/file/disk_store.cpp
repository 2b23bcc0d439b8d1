#include "fechatter_core/file/disk_store.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "fechatter_core/file/disk_error.hpp"
#include "fechatter_core/file/disk_source.hpp"
#include "fechatter_core/file/disk_writer.hpp"

namespace fechatter::file {
namespace {

// A tenth of a core when all cores are busy: sending messages goes first.
constexpr int disk_niceness = 10;

DiskStore::NoContext start_disk_thread() {
  // On Linux the calling thread's own; never refused.
  [[maybe_unused]] const int now = nice(disk_niceness);
  return {};
}

}  // namespace

DiskStore::Core::Core(const DiskStoreSettings& settings)
    : tree{settings.folder},
      pool{{settings.threads, settings.queue_max, "Too many files are on their way."},
           start_disk_thread} {}

DiskStore::DiskStore(const DiskStoreSettings& settings) : core_{std::make_shared<Core>(settings)} {
  core_->tree.sweep(temporary_file_age_max);
}

DiskStore::~DiskStore() {
  core_->pool.stop();
}

awaitable<std::unique_ptr<FileWriter>> DiskStore::create() {
  auto creating = create_writer();
  co_return co_await std::move(creating);
}

awaitable<std::unique_ptr<DiskWriter>> DiskStore::create_writer() {
  const auto job = [this](NoContext&) { return core_->tree.create(); };
  auto creating = core_->pool.run(job);
  auto file = co_await std::move(creating);
  co_return std::make_unique<DiskWriter>(core_, std::move(file));
}

awaitable<std::unique_ptr<http::BodySource>> DiskStore::open(FileKey key) {
  const auto job = [&](NoContext&) { return core_->tree.open(key); };
  auto opening = core_->pool.run(job);
  auto file = co_await std::move(opening);
  if (!file) co_return nullptr;
  co_return std::make_unique<DiskSource>(core_, std::move(*file));
}

awaitable<bool> DiskStore::remove(FileKey key) {
  const auto job = [&](NoContext&) { return core_->tree.remove(key); };
  auto removing = core_->pool.run(job);
  co_return co_await std::move(removing);
}

awaitable<> DiskStore::keep_thumbnail(FileKey key, Thumbnail thumbnail, std::string bytes) {
  const auto job = [&](NoContext&) {
    core_->tree.place_thumbnail(key, thumbnail, bytes);
    return true;
  };
  auto keeping = core_->pool.run(job);
  co_await std::move(keeping);
}

awaitable<std::unique_ptr<http::BodySource>> DiskStore::open_thumbnail(FileKey key,
                                                                       Thumbnail thumbnail) {
  const auto job = [&](NoContext&) { return core_->tree.open_thumbnail(key, thumbnail); };
  auto opening = core_->pool.run(job);
  auto file = co_await std::move(opening);
  if (!file) co_return nullptr;
  co_return std::make_unique<DiskSource>(core_, std::move(*file));
}

awaitable<std::size_t> DiskStore::sweep() {
  const auto job = [this](NoContext&) { return core_->tree.sweep(temporary_file_age_max); };
  auto sweeping = core_->pool.run(job);
  co_return co_await std::move(sweeping);
}

awaitable<std::vector<StoredFile>> DiskStore::list(std::optional<FileKey> after,
                                                   std::size_t count) {
  const auto job = [&](NoContext&) {
    std::vector<StoredFile> files;
    const auto add = [&](const StoredFile& file) {
      if (files.size() < count) files.push_back(file);
      return files.size() < count;
    };
    list_files(core_->tree.root(), after, add);
    return files;
  };
  auto listing = core_->pool.run(job);
  co_return co_await std::move(listing);
}

awaitable<> DiskStore::check() {
  auto creating = create_writer();
  const auto probe = co_await std::move(creating);
}

awaitable<std::uint64_t> DiskStore::free_bytes() {
  const auto job = [this](NoContext&) {
    struct statvfs state {};
    if (fstatvfs(core_->tree.root().get(), &state) != 0) throw_disk_error("fstatvfs", errno);
    return std::uint64_t{state.f_bavail} * state.f_frsize;
  };
  auto asking = core_->pool.run(job);
  co_return co_await std::move(asking);
}

}  // namespace fechatter::file
