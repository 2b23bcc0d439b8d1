#pragma once

#include "fechatter_core/file/partial_files.hpp"
#include "fechatter_core/repository/resumable_upload_repository.hpp"

namespace fechatter::server {

// The end of uploads in chunks that no request has ended. What a request holds is left alone. Each
// instance runs it; one call at a time.
class ResumableCleanup {
 public:
  // Both outlive this object.
  ResumableCleanup(ResumableUploadRepository& repository, file::PartialFiles& partial_files)
      : repository_{repository}, partial_{partial_files} {}

  // The next `slice` at most of those that have expired, row and bytes; how many.
  awaitable<std::size_t> remove_expired(int slice);
  // Partial files that have no row: their user was erased, or their server was killed at a bad
  // moment; how many.
  awaitable<std::size_t> remove_orphans();

 private:
  ResumableUploadRepository& repository_;
  file::PartialFiles& partial_;
};

}  // namespace fechatter::server
