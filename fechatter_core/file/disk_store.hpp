#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/disk_listing.hpp"
#include "fechatter_core/file/disk_tree.hpp"
#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/worker_pool.hpp"

namespace fechatter::file {

class DiskWriter;

struct DiskStoreSettings {
  std::string folder;       // made when it is missing
  std::size_t threads = 4;  // each waits for the disk or computes a hash
  // Waiting jobs, one at most of each upload and download; beyond: Error{overloaded}.
  std::size_t queue_max = 1000;
};

// Files in a folder of a local disk (or one that is mounted), which several instances may share. A
// file is on the disk, content and name, before keep() returns. All calls to the disk are made by
// threads of its own, at a low priority (nice 10): a disk that is slow delays files and nothing
// else. An upload costs a descriptor and half a MiB of memory at most, a download a descriptor.
// Its writers and sources may outlive it, and only give back what they have then: a connection that
// was cut holds them until the I/O ends.
class DiskStore final : public FileStore {
 public:
  // Longer than any upload.
  static constexpr std::chrono::hours temporary_file_age_max{24};

  // Throws std::runtime_error that names the folder when it cannot be used.
  explicit DiskStore(const DiskStoreSettings& settings);
  // Waits for its threads.
  ~DiskStore() override;
  DiskStore(const DiskStore&) = delete;
  DiskStore& operator=(const DiskStore&) = delete;

  awaitable<std::unique_ptr<FileWriter>> create() override;
  awaitable<std::unique_ptr<http::BodySource>> open(FileKey key) override;
  awaitable<bool> remove(FileKey key) override;
  awaitable<> keep_thumbnail(FileKey key, Thumbnail thumbnail, std::string bytes) override;
  awaitable<std::unique_ptr<http::BodySource>> open_thumbnail(FileKey key,
                                                              Thumbnail thumbnail) override;

  // The constructor does it, too.
  awaitable<std::size_t> sweep() override;
  // In the order of list_files.
  awaitable<std::vector<StoredFile>> list(std::optional<FileKey> after, std::size_t count) override;
  // Makes a file, and removes it again.
  awaitable<> check() override;
  awaitable<std::uint64_t> free_bytes() override;

  // What create() returns.
  awaitable<std::unique_ptr<DiskWriter>> create_writer();

  // Threads that work now, of all.
  std::size_t busy() const { return core_->pool.busy(); }
  std::size_t threads() const { return core_->pool.size(); }

  struct NoContext {};
  using Pool = WorkerPool<NoContext>;
  // Shared with the writers and sources.
  struct Core {
    explicit Core(const DiskStoreSettings& settings);

    DiskTree tree;
    Pool pool;
  };

 private:
  const std::shared_ptr<Core> core_;
};

}  // namespace fechatter::file
