#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// The file that an upload in chunks has become.
struct FinishedUpload {
  UploadId id;
  std::string url;
};

// A file that comes in chunks, by several requests.
struct ResumableUpload {
  std::string id;             // random: 32 of [A-Za-z0-9_-]
  std::string metadata;       // Upload-Metadata, as it was sent first
  std::int64_t size = 0;      // of the whole, announced; bytes
  std::int64_t received = 0;  // bytes that are durable; all of them only once it is finished
  Timestamp expires_at;
  std::optional<FinishedUpload> finished;
};

}  // namespace fechatter
