#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/resumable_upload.hpp"
#include "fechatter_core/repository/file_repository.hpp"

namespace fechatter {

enum class CreationOutcome { done, quota_user, quota_workspace, suspended, too_many };

struct NewResumableUpload {
  std::string id;
  std::string metadata;  // 4096 bytes at most
  std::int64_t size = 0;
};

struct CreatedResumableUpload {
  CreationOutcome outcome = CreationOutcome::suspended;
  Timestamp expires_at;  // when done
};

// Uploads that come in chunks: their rows; the bytes are in PartialFiles. What changes an upload
// holds the lock of its partial file. An upload that has expired is as one that does not exist.
// Any thread; threads and errors as described at ChatRepository (repository/chat_repository.hpp).
class ResumableUploadRepository {
 public:
  virtual ~ResumableUploadRepository() = default;

  // `count_max`: of the caller's that are unfinished. Their announced sizes count for the limits.
  virtual awaitable<CreatedResumableUpload> create(Caller caller, NewResumableUpload upload,
                                                   std::chrono::seconds life, int count_max,
                                                   UploadLimits limits) = 0;
  // The caller's own.
  virtual awaitable<std::optional<ResumableUpload>> find(Caller caller, std::string id) = 0;
  // `received` bytes of it are durable now, less than its size; it lives for `life` again. Returns
  // when it expires; nullopt when it is gone, finished, or its bytes were not `before`.
  virtual awaitable<std::optional<Timestamp>> advance(Caller caller, std::string id,
                                                      std::int64_t before, std::int64_t received,
                                                      std::chrono::seconds life) = 0;
  // It has become that upload, of the same caller. Returns when it expires; nullopt when it is
  // gone.
  virtual awaitable<std::optional<Timestamp>> finish(Caller caller, std::string id, UploadId upload,
                                                     std::chrono::seconds life) = 0;
  // Whether there was one.
  virtual awaitable<bool> remove(Caller caller, std::string id) = 0;

  // Ids of expired ones.
  virtual awaitable<std::vector<std::string>> list_expired(int slice) = 0;
  // Whether it had expired, and is gone.
  virtual awaitable<bool> remove_expired(std::string id) = 0;
  // Those of the ids that are of no upload, expired or not.
  virtual awaitable<std::vector<std::string>> unknown_of(std::vector<std::string> ids) = 0;
};

}  // namespace fechatter
