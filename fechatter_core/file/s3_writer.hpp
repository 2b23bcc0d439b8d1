#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/file/disk_writer.hpp"
#include "fechatter_core/file/s3_store.hpp"

namespace fechatter::file {

// An upload to an S3Store. Up to its end it is a DiskWriter's; keep() sends it, whole or in parts,
// from the disk, unless the bucket has an object of that name and size. Throws std::logic_error
// when it is used after a failure or out of order.
class S3Writer final : public FileWriter {
 public:
  S3Writer(std::shared_ptr<S3Store::Core> core, std::unique_ptr<DiskWriter> spooled);

  awaitable<> write(std::string_view piece) override;
  awaitable<WrittenFile> finish() override;
  awaitable<> keep(FileKey key) override;

 private:
  awaitable<bool> is_kept(const std::string& object);
  awaitable<> send_whole(const std::string& object);
  awaitable<> send_in_parts(const std::string& object);
  awaitable<> send_parts(const std::string& object, const std::string& upload);
  awaitable<> abort(const std::string& object, const std::string& upload);
  S3Content content(std::uint64_t offset, std::uint64_t size, std::string hash) const;
  std::string hash_of_part(std::uint64_t offset, std::uint64_t size) const;

  const std::shared_ptr<S3Store::Core> core_;
  std::unique_ptr<DiskWriter> spooled_;  // null when it was kept, or could not be
  bool is_finished_ = false;
  std::string hash_;
  std::uint64_t size_ = 0;
};

}  // namespace fechatter::file
