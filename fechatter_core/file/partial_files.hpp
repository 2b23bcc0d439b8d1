#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/file/descriptor.hpp"
#include "fechatter_core/http/body_source.hpp"
#include "fechatter_core/worker_pool.hpp"

namespace fechatter::file {

struct PartialFilesSettings {
  std::string folder;       // of the store; they are in its partial/
  std::size_t threads = 2;  // each waits for the disk
  std::size_t queue_max = 1000;
};

class PartialFile;

// What has come of uploads that are received in several requests: a file for each, in a folder that
// several instances may share. All calls to the disk are made by threads of its own, at a low
// priority. Any thread; throws as throw_disk_error does. Its files may outlive it.
class PartialFiles {
 public:
  // Throws std::runtime_error when the folder cannot be used.
  explicit PartialFiles(const PartialFilesSettings& settings);
  // Waits for its threads.
  ~PartialFiles();
  PartialFiles(const PartialFiles&) = delete;
  PartialFiles& operator=(const PartialFiles&) = delete;

  // The file of that name, locked until it is destroyed or its process ends; an empty one when
  // there was none. Null while another request holds it, of whichever instance. REQUIRES: a name
  // of [A-Za-z0-9_-].
  awaitable<std::unique_ptr<PartialFile>> open(std::string name);

  // The names of at most `count` files to which nothing was written for so long.
  awaitable<std::vector<std::string>> list(std::chrono::seconds age, std::size_t count);

  struct NoContext {};
  using Pool = WorkerPool<NoContext>;
  // Shared with the files.
  struct Core {
    explicit Core(const PartialFilesSettings& settings);

    Descriptor folder;
    Pool pool;
  };

 private:
  const std::shared_ptr<Core> core_;
};

// One of them, open and locked; half a MiB of memory at most. Belongs to one coroutine. Throws as
// throw_disk_error does; its size is not known after that, until cut() has set it.
class PartialFile final : public http::BodySource {
 public:
  static constexpr std::size_t job_bytes_min = 256 * 1024;

  PartialFile(std::shared_ptr<PartialFiles::Core> core, std::string name, Descriptor file,
              std::uint64_t size);
  ~PartialFile() override;
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  // Drops what is behind the first `size` bytes. False when there are fewer.
  awaitable<bool> cut(std::uint64_t size);
  // Appends. The piece is in memory or in the file afterwards.
  awaitable<> write(std::string_view piece);
  // All that was written, and the name, survive a loss of power.
  awaitable<> sync();
  // The name and the bytes are gone; the lock holds still.
  awaitable<> remove();

  // What was written counts, be it in memory.
  std::optional<std::uint64_t> size() const override { return size_; }
  // REQUIRES: what is read was synced.
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override;

 private:
  void store_gathered();

  const std::shared_ptr<PartialFiles::Core> core_;
  const std::string name_;
  Descriptor file_;
  std::uint64_t size_;
  std::string gathered_;
  bool is_named_ = false;  // whether its name is durable
};

}  // namespace fechatter::file
