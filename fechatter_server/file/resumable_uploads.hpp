#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fechatter_core/file/partial_files.hpp"
#include "fechatter_core/file/tus_headers.hpp"
#include "fechatter_core/http/body_reader.hpp"
#include "fechatter_core/repository/resumable_upload_repository.hpp"
#include "fechatter_server/file/file_settings.hpp"
#include "fechatter_server/file/files.hpp"

namespace fechatter::server {

// What the head of a request says of its chunk.
struct UploadChunk {
  std::uint64_t offset = 0;
  std::optional<file::ChunkChecksum> checksum;
};

// Uploads that come in chunks, each in a request of its own, which may end at any point: what was
// durable then is kept, and the next request goes on behind it. With the last byte the upload
// becomes a file like any other. All of a user's own; those of others are as none. Any I/O thread.
class ResumableUploads {
 public:
  // All outlive this object.
  ResumableUploads(const FileSettings& settings, ResumableUploadRepository& repository,
                   file::PartialFiles& partial_files, Files& files)
      : settings_{settings}, repository_{repository}, partial_{partial_files}, files_{files} {}

  // `metadata` is a valid Upload-Metadata. Throws file_too_large, too_many_uploads, quota_user,
  // quota_workspace, user_suspended.
  awaitable<ResumableUpload> create(Caller caller, std::uint64_t size, std::string metadata);
  // Throws upload_not_found.
  awaitable<ResumableUpload> get(Caller caller, std::string id);
  // Receives the body as the bytes from the chunk's offset on, and finishes the upload with its
  // last byte. The last chunk of an upload that is finished is skipped. What came of a body that
  // ends early is kept, but for one with a checksum. Throws upload_not_found, upload_locked while
  // another request changes the upload, upload_offset_mismatch, checksum_mismatch (nothing of the
  // chunk is kept), payload_too_large when the chunk reaches beyond the end; what
  // BodyReader::read, UploadSlots::take, the disk and Files::store throw.
  awaitable<ResumableUpload> append(Caller caller, std::string id, UploadChunk chunk,
                                    http::BodyReader& body);
  // The upload and its bytes; the file that it has become stays. Throws upload_not_found,
  // upload_locked.
  awaitable<> remove(Caller caller, std::string id);

 private:
  using Partial = std::unique_ptr<file::PartialFile>;

  awaitable<Partial> lock(const std::string& id);
  awaitable<ResumableUpload> get_locked(Caller caller, const std::string& id,
                                        file::PartialFile& file);
  awaitable<ResumableUpload> skip(ResumableUpload upload, UploadChunk chunk,
                                  http::BodyReader& body);
  awaitable<ResumableUpload> receive(Caller caller, ResumableUpload upload, UploadChunk chunk,
                                     http::BodyReader& body, Partial file, UploadSlots::Taken slot);
  awaitable<> restart(Caller caller, ResumableUpload upload);
  awaitable<ResumableUpload> finish(Caller caller, ResumableUpload upload, Partial file,
                                    UploadSlots::Taken slot);

  const FileSettings settings_;
  ResumableUploadRepository& repository_;
  file::PartialFiles& partial_;
  Files& files_;
};

}  // namespace fechatter::server
