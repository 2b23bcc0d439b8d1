#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "fechatter_core/file/partial_files.hpp"
#include "fechatter_core/file/tus_headers.hpp"
#include "fechatter_core/http/body_reader.hpp"
#include "fechatter_core/repository/resumable_upload_repository.hpp"

namespace fechatter::server {

// Brings the body of one request to the partial file of its upload, and says in the row what is
// durable: from time to time, and at the end, however that comes. But a chunk with a checksum is
// kept as a whole or not at all. Belongs to one coroutine.
class ChunkReceiver {
 public:
  // What a killed server loses of a chunk at most, beside what comes while the disk writes.
  static constexpr std::uint64_t step_bytes = 16 * 1024 * 1024;
  static constexpr std::chrono::seconds step_time{5};

  // `file` is locked and ends at upload.received. All outlive the receiver.
  ChunkReceiver(Caller caller, ResumableUpload& upload, file::PartialFile& file,
                const std::optional<file::ChunkChecksum>& checksum,
                ResumableUploadRepository& repository, std::chrono::seconds life);

  // To the end of the body. `upload` is as the row is afterwards, which never says that all was
  // received: true means that the file, which is durable, has all. Throws as
  // ResumableUploads::append.
  awaitable<bool> receive(http::BodyReader& body);

 private:
  using Clock = std::chrono::steady_clock;

  awaitable<> receive_pieces(http::BodyReader& body);
  awaitable<> add(std::string_view piece);
  awaitable<> step();
  awaitable<> keep_rest();
  awaitable<> advance();
  awaitable<> require_checksum();
  std::uint64_t size_now() const { return *file_.size(); }
  bool is_whole() const { return size_now() == static_cast<std::uint64_t>(upload_.size); }

  const Caller caller_;
  ResumableUpload& upload_;
  file::PartialFile& file_;
  const std::optional<file::ChunkChecksum>& checksum_;
  ResumableUploadRepository& repository_;
  const std::chrono::seconds life_;
  std::optional<file::ContentHash> hash_;
  std::uint64_t synced_;
  Clock::time_point synced_at_ = Clock::now();
};

}  // namespace fechatter::server
