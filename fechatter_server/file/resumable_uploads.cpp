#include "fechatter_server/file/resumable_uploads.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_server/file/chunk_receiver.hpp"
#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t id_random_bytes = 24;

Error no_such_upload() {
  return Error{ErrorCode::upload_not_found, "There is no such upload."};
}

void require_created(CreationOutcome outcome, int count_max) {
  switch (outcome) {
    case CreationOutcome::done: return;
    case CreationOutcome::quota_user: throw quota_exceeded(UsedUp::user);
    case CreationOutcome::quota_workspace: throw quota_exceeded(UsedUp::workspace);
    case CreationOutcome::suspended:
      throw Error{ErrorCode::user_suspended, "This account is suspended."};
    case CreationOutcome::too_many:
      throw Error{ErrorCode::too_many_uploads,
                  fmt::format("A user has {} unfinished uploads at most.", count_max)};
  }
}

Error other_offset(const ResumableUpload& upload) {
  return Error{ErrorCode::upload_offset_mismatch,
               fmt::format("Upload-Offset: the upload is at {}", upload.received)};
}

}  // namespace

awaitable<ResumableUpload> ResumableUploads::create(Caller caller, std::uint64_t size,
                                                    std::string metadata) {
  if (size > settings_.resumable_bytes_max) {
    throw Error{ErrorCode::file_too_large, fmt::format("Upload-Length: a file has {} bytes at most",
                                                       settings_.resumable_bytes_max)};
  }
  files_.require_storage(caller);
  ResumableUpload upload;
  upload.id = auth::base64url_encode(auth::random_bytes(id_random_bytes));
  upload.metadata = std::move(metadata);
  upload.size = static_cast<std::int64_t>(size);
  NewResumableUpload row{upload.id, upload.metadata, upload.size};
  auto creating = repository_.create(caller, std::move(row), settings_.resumable_life,
                                     settings_.resumable_of_user_max, files_.limits());
  const auto created = co_await std::move(creating);
  require_created(created.outcome, settings_.resumable_of_user_max);
  upload.expires_at = created.expires_at;
  co_return upload;
}

awaitable<ResumableUpload> ResumableUploads::get(Caller caller, std::string id) {
  auto finding = repository_.find(caller, std::move(id));
  auto upload = co_await std::move(finding);
  if (!upload) throw no_such_upload();
  co_return std::move(*upload);
}

awaitable<ResumableUploads::Partial> ResumableUploads::lock(const std::string& id) {
  auto opening = partial_.open(id);
  auto file = co_await std::move(opening);
  if (!file) throw Error{ErrorCode::upload_locked, "Another request changes this upload."};
  co_return file;
}

// The row may have ended before the lock was taken; the lock has made the file again then.
awaitable<ResumableUpload> ResumableUploads::get_locked(Caller caller, const std::string& id,
                                                        file::PartialFile& file) {
  auto finding = repository_.find(caller, id);
  auto upload = co_await std::move(finding);
  if (!upload) {
    co_await file.remove();
    throw no_such_upload();
  }
  co_return std::move(*upload);
}

awaitable<ResumableUpload> ResumableUploads::append(Caller caller, std::string id,
                                                    UploadChunk chunk, http::BodyReader& body) {
  auto slot = files_.take_slot(caller);
  auto finding = get(caller, id);
  auto upload = co_await std::move(finding);
  if (upload.finished) {
    auto skipping = skip(std::move(upload), chunk, body);
    co_return co_await std::move(skipping);
  }
  auto file = co_await lock(id);
  upload = co_await get_locked(caller, id, *file);
  if (upload.finished) {
    co_await file->remove();
    auto skipping = skip(std::move(upload), chunk, body);
    co_return co_await std::move(skipping);
  }
  auto receiving =
      receive(caller, std::move(upload), std::move(chunk), body, std::move(file), std::move(slot));
  co_return co_await std::move(receiving);
}

// The answer to the last chunk was lost, and the client has sent that again.
awaitable<ResumableUpload> ResumableUploads::skip(ResumableUpload upload, UploadChunk chunk,
                                                  http::BodyReader& body) {
  const auto size = static_cast<std::uint64_t>(upload.size);
  auto end = chunk.offset;
  while (end <= size) {
    const auto piece = co_await body.read();
    if (piece.empty()) break;
    end += piece.size();
  }
  if (end != size) throw other_offset(upload);
  co_return upload;
}

awaitable<ResumableUpload> ResumableUploads::receive(Caller caller, ResumableUpload upload,
                                                     UploadChunk chunk, http::BodyReader& body,
                                                     Partial file, UploadSlots::Taken slot) {
  const auto received = static_cast<std::uint64_t>(upload.received);
  if (chunk.offset != received) throw other_offset(upload);
  const bool has_bytes = co_await file->cut(received);
  if (!has_bytes) {
    auto restarting = restart(caller, upload);
    co_await std::move(restarting);
  }
  bool is_whole = false;
  {
    ChunkReceiver receiver{caller,         upload,      *file,
                           chunk.checksum, repository_, settings_.resumable_life};
    is_whole = co_await receiver.receive(body);
  }
  if (!is_whole) co_return upload;
  auto finishing = finish(caller, std::move(upload), std::move(file), std::move(slot));
  co_return co_await std::move(finishing);
}

// The client asks for the offset again, and sends all of it.
awaitable<> ResumableUploads::restart(Caller caller, ResumableUpload upload) {
  spdlog::error("the store has lost bytes of a resumable upload: it begins again");
  auto moving =
      repository_.advance(caller, upload.id, upload.received, 0, settings_.resumable_life);
  const auto expires_at = co_await std::move(moving);
  if (!expires_at) throw no_such_upload();
  upload.received = 0;
  throw other_offset(upload);
}

// Whatever ends it in between, the row still lacks the last bytes: the client sends them again, and
// the same content becomes the same file.
awaitable<ResumableUpload> ResumableUploads::finish(Caller caller, ResumableUpload upload,
                                                    Partial file, UploadSlots::Taken slot) {
  auto name = file::find_tus_file_name(file::read_tus_metadata(upload.metadata));
  ReceivedUpload received{std::move(slot), {}};
  auto receiving = files_.receive(*file, std::move(name));
  auto whole = co_await std::move(receiving);
  received.files.push_back(std::move(whole));
  auto storing = files_.store(caller, std::move(received));
  const auto stored = co_await std::move(storing);
  const auto& made = stored.at(0);
  auto ending = repository_.finish(caller, upload.id, made.id, settings_.resumable_life);
  const auto expires_at = co_await std::move(ending);
  co_await file->remove();
  if (!expires_at) throw no_such_upload();
  upload.received = upload.size;
  upload.expires_at = *expires_at;
  upload.finished = FinishedUpload{made.id, file::to_url(made.file.key)};
  co_return upload;
}

awaitable<> ResumableUploads::remove(Caller caller, std::string id) {
  auto finding = get(caller, id);
  co_await std::move(finding);
  const auto file = co_await lock(id);
  auto removing = repository_.remove(caller, id);
  const bool removed = co_await std::move(removing);
  co_await file->remove();
  if (!removed) throw no_such_upload();
}

}  // namespace fechatter::server
