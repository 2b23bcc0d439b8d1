#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/file.hpp"

namespace fechatter {

// How many bytes a user and the users of a workspace may store; nullopt: any number. The
// workspace's is compared with the uploads alone; messages count in the background (StorageQuotas).
struct UploadLimits {
  std::optional<std::int64_t> user;
  std::optional<std::int64_t> workspace;
};

enum class UploadOutcome {
  done,
  quota_user,
  quota_workspace,
  suspended,  // the caller is no active user any more
  removing,   // of a reservation: the same content is being removed; to be tried again shortly
  gone        // of a record: the reservation has ended, an hour after it was made at the earliest
};

struct ReservedFile {
  UploadOutcome outcome = UploadOutcome::gone;
  FileId id;  // when done
};

struct RecordedUpload {
  UploadOutcome outcome = UploadOutcome::gone;
  std::optional<Upload> upload;  // when done
};

struct StoredFile {
  FileId id;
  file::FileKey key;
};

// Which files there are, and which users may see them; the bytes are in the FileStore. An upload
// reserves its content, gives the store the bytes, and is recorded; a removal takes files, makes
// the store lose their bytes, and forgets them: in these orders no file loses bytes that a message
// carries, and none is left behind (migrations/functions/files.sql). Any thread; threads and errors
// as described at ChatRepository (repository/chat_repository.hpp).
class FileRepository {
 public:
  virtual ~FileRepository() = default;

  // Before FileWriter::keep. `file.key` is of the caller's workspace.
  virtual awaitable<ReservedFile> reserve(Caller caller, NewFile file, UploadLimits limits) = 0;
  // After FileWriter::keep. `name`: 1 to 255 bytes of UTF-8 without control characters.
  virtual awaitable<RecordedUpload> record(Caller caller, FileId reserved, std::string name,
                                           std::optional<PixelSize> pixels,
                                           UploadLimits limits) = 0;

  // For each key, whether the caller has uploaded the file, or is a member of a chat with a message
  // that carries it. 100 keys at most.
  virtual awaitable<std::vector<std::optional<File>>> find(Caller caller,
                                                           std::vector<file::FileKey> keys) = 0;
  // The caller's own.
  virtual awaitable<std::optional<Upload>> find_upload(Caller caller, UploadId id) = 0;

  // Looks at the next files and marks those that nothing uses. Returns how many it has looked at:
  // fewer than `slice` when it has come round.
  virtual awaitable<int> mark_unused(std::chrono::seconds grace, int slice) = 0;
  // Takes files that have been unused for that long, an hour at least. Their bytes must be removed
  // from the store within a minute, and forgotten afterwards.
  virtual awaitable<std::vector<StoredFile>> take_unused(std::chrono::seconds grace,
                                                         std::chrono::seconds hold, int slice) = 0;
  // REQUIRES: the store has lost their bytes.
  virtual awaitable<> forget(std::vector<FileId> files) = 0;

  // All files whose bytes the store must have, in the order of their ids.
  virtual awaitable<std::vector<StoredFile>> list(FileId after, int slice) = 0;
  // For each key, whether the store may have such bytes: uploads that have not ended count.
  virtual awaitable<std::vector<bool>> are_known(std::vector<file::FileKey> keys) = 0;
};

}  // namespace fechatter
