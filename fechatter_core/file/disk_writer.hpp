#pragma once

#include <string>

#include "fechatter_core/file/content_hash.hpp"
#include "fechatter_core/file/disk_store.hpp"

namespace fechatter::file {

// An upload to a DiskStore. Its pieces are gathered, so that a thread of the store gets work that
// is worth the way. Throws std::logic_error when it is used after a failure or out of order.
class DiskWriter final : public FileWriter {
 public:
  static constexpr std::size_t job_bytes_min = 256 * 1024;

  DiskWriter(std::shared_ptr<DiskStore::Core> core, TemporaryFile file);
  ~DiskWriter() override;
  DiskWriter(const DiskWriter&) = delete;
  DiskWriter& operator=(const DiskWriter&) = delete;

  awaitable<> write(std::string_view piece) override;
  awaitable<WrittenFile> finish() override;
  awaitable<> keep(FileKey key) override;

  // Copies what is there from `offset` on, `count` bytes at most. Blocks; any thread. REQUIRES:
  // finished, and not kept.
  std::size_t read(std::uint64_t offset, char* to, std::size_t count) const {
    return file_.read(offset, to, count);
  }

 private:
  enum class State { open, finished, ended };

  void leave(State expected);
  void store_gathered();

  const std::shared_ptr<DiskStore::Core> core_;
  TemporaryFile file_;
  ContentHash content_;
  State state_ = State::open;
  std::string gathered_;
  std::string head_;
  std::string hash_;
};

}  // namespace fechatter::file
