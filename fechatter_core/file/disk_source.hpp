#pragma once

#include "fechatter_core/file/disk_store.hpp"

namespace fechatter::file {

// A file of a DiskStore that is sent. What the kernel has in memory is sent or copied at once; for
// the rest a thread of the store waits, and has the kernel read the next part meanwhile. Between
// two calls it holds a descriptor and nothing else. Throws as throw_disk_error does.
class DiskSource final : public http::BodySource {
 public:
  static constexpr std::size_t piece_bytes_max = 256 * 1024;  // of read
  static constexpr std::size_t load_bytes_max = 1024 * 1024;

  // `file` is a regular file.
  DiskSource(std::shared_ptr<DiskStore::Core> core, Descriptor file);

  std::optional<std::uint64_t> size() const override { return size_; }
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override;
  int descriptor() const override { return file_.get(); }
  // Only the two ends of the piece are looked at: pages between them that the kernel has given up
  // meanwhile are read by sendfile.
  awaitable<std::uint64_t> load(std::uint64_t offset, std::uint64_t count) override;

 private:
  std::size_t read_from_memory(std::uint64_t offset, char* to, std::size_t count) const;
  std::size_t read_from_disk(std::uint64_t offset, char* to, std::size_t count) const;
  bool is_in_memory(std::uint64_t offset) const;
  void load_from_disk(std::uint64_t offset, std::size_t count) const;

  const std::shared_ptr<DiskStore::Core> core_;
  Descriptor file_;
  std::uint64_t size_;
};

}  // namespace fechatter::file
