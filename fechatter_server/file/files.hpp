#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/file/media_type.hpp"
#include "fechatter_core/observability/histogram.hpp"
#include "fechatter_core/repository/file_repository.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/file/file_settings.hpp"
#include "fechatter_server/file/received_files.hpp"
#include "fechatter_server/file/thumbnails.hpp"
#include "fechatter_server/file/upload_slots.hpp"
#include "fechatter_server/message/storage_quotas.hpp"

namespace fechatter::server {

// The files of a request, which are in the store without a place, and the slot of their upload.
struct ReceivedUpload {
  UploadSlots::Taken slot;
  std::vector<ReceivedFile> files;
};

// Uploads and downloads. Any I/O thread.
class Files {
 public:
  // Loads the database of file types. Throws std::runtime_error when it is missing. The others
  // outlive this object.
  Files(const FileSettings& settings, const QuotaSettings& quota_settings,
        FileRepository& repository, file::FileStore& store, const StorageQuotas& quotas,
        Thumbnails& thumbnails);

  // Reads a body of multipart/form-data with `count_max` files at most. Throws what receive_files
  // and UploadSlots::take throw, and quota_user, quota_workspace before anything is read.
  awaitable<ReceivedUpload> receive(Caller caller, http::BodyReader& body, std::string boundary,
                                    std::size_t count_max);
  // A slot of the caller for an upload that comes in other ways. Throws as UploadSlots::take.
  UploadSlots::Taken take_slot(Caller caller) { return slots_.take(caller.user); }
  // The same of a source that is a whole file: `source` is read to its end.
  awaitable<ReceivedFile> receive(http::BodySource& source, std::string name);
  // Throws quota_user, quota_workspace when the caller can store nothing more.
  void require_storage(Caller caller) const;
  const UploadLimits& limits() const { return limits_; }

  // Gives the files their places, and records them as the caller's, in their order. Then waits a
  // moment for the thumbnails of pictures. Quotas are looked at for all of them first. What is
  // refused later (another request of the caller has used the quota up meanwhile) leaves files that
  // nothing uses, which are collected. Throws quota_user, quota_workspace, user_suspended,
  // overloaded, and what the store throws.
  awaitable<std::vector<Upload>> store(Caller caller, ReceivedUpload upload);

  // Throws file_not_found, unless it is the caller's own upload.
  awaitable<Upload> get(Caller caller, UploadId id);
  // Throws file_not_found, unless the caller may see the file.
  awaitable<File> find(Caller caller, file::FileKey key);
  // Those that the caller may see, in the order of the keys. At most 100 keys.
  awaitable<std::vector<File>> find_all(Caller caller, std::vector<file::FileKey> keys);
  // The bytes of a file that was found. Throws storage_unavailable when they are not there.
  awaitable<std::unique_ptr<http::BodySource>> open(file::FileKey key);
  // Likewise of its thumbnail. Throws file_not_found when there is none.
  awaitable<std::unique_ptr<http::BodySource>> open_thumbnail(file::FileKey key,
                                                              file::Thumbnail thumbnail);

  // Bytes of the files that were stored. Any thread, as the next one.
  const observability::Histogram& sizes() const { return sizes_; }
  std::size_t uploads_under_way() const { return slots_.taken(); }

 private:
  struct NoContext {};
  struct Reserved {
    FileId id;
    file::FileKey key;
    std::string name;
    std::unique_ptr<file::FileWriter> writer;
  };

  awaitable<NewFile> describe(Caller caller, const file::WrittenFile& written);
  awaitable<Reserved> reserve(Caller caller, ReceivedFile received, UploadLimits limits);
  awaitable<Upload> keep(Caller caller, Reserved file);
  awaitable<std::vector<Upload>> keep_all(Caller caller, ReceivedUpload upload);
  awaitable<> make_thumbnails(Caller caller, std::vector<Upload>& uploads);

  const FileSettings settings_;
  const UploadLimits limits_;
  FileRepository& repository_;
  file::FileStore& store_;
  const StorageQuotas& quotas_;
  Thumbnails& thumbnails_;
  UploadSlots slots_;
  observability::Histogram sizes_{observability::byte_sizes};
  file::MediaTypes types_;
  WorkerPool<NoContext> detection_;  // takes up to 20 ms for a text that was made to be slow
};

}  // namespace fechatter::server
