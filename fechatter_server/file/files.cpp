#include "fechatter_server/file/files.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/file/file_name.hpp"
#include "fechatter_core/steady_timer.hpp"
#include "fechatter_server/message/message_refusals.hpp"

namespace fechatter::server {
namespace {

constexpr std::int64_t file_bytes_per_mib = 1024 * 1024;
constexpr std::size_t detections_max = 1000;

// The same content that is being removed is gone after a moment.
constexpr std::chrono::milliseconds removal_pause{100};
constexpr int removal_tries = 50;

std::optional<std::int64_t> quota_bytes(std::int64_t mib) {
  if (mib == 0) return std::nullopt;
  return mib * file_bytes_per_mib;
}

// What is left of the limits when so many bytes more are stored.
UploadLimits reduced(UploadLimits limits, std::int64_t bytes) {
  if (limits.user) *limits.user -= bytes;
  if (limits.workspace) *limits.workspace -= bytes;
  return limits;
}

Error no_such_file() {
  return Error{ErrorCode::file_not_found, "There is no such file."};
}

void require_uploaded(UploadOutcome outcome) {
  switch (outcome) {
    case UploadOutcome::done: return;
    case UploadOutcome::quota_user: throw quota_exceeded(UsedUp::user);
    case UploadOutcome::quota_workspace: throw quota_exceeded(UsedUp::workspace);
    case UploadOutcome::suspended:
      throw Error{ErrorCode::user_suspended, "This account is suspended."};
    case UploadOutcome::removing:
    case UploadOutcome::gone:
      throw Error{ErrorCode::overloaded, "The file could not be stored in time; upload it again."};
  }
}

awaitable<> pause_for_removal() {
  SteadyTimer<Executor> timer{co_await asio::this_coro::executor};
  timer.expires_after(removal_pause);
  auto over = timer.async_wait(asio::use_awaitable_t<Executor>{});
  co_await std::move(over);
}

}  // namespace

Files::Files(const FileSettings& settings, const QuotaSettings& quota_settings,
             FileRepository& repository, file::FileStore& store, const StorageQuotas& quotas,
             Thumbnails& thumbnails)
    : settings_{settings},
      limits_{quota_bytes(quota_settings.user_mib), quota_bytes(quota_settings.workspace_mib)},
      repository_{repository},
      store_{store},
      quotas_{quotas},
      thumbnails_{thumbnails},
      slots_{settings.uploads_max, settings.uploads_of_user_max},
      detection_{{1, detections_max, "Too many files are being looked at."},
                 [] { return NoContext{}; }} {}

awaitable<ReceivedUpload> Files::receive(Caller caller, http::BodyReader& body,
                                         std::string boundary, std::size_t count_max) {
  require_storage(caller);
  ReceivedUpload upload{slots_.take(caller.user), {}};
  const FormLimits limits{count_max, settings_.bytes_max};
  auto receiving = receive_files(body, std::move(boundary), limits, store_);
  upload.files = co_await std::move(receiving);
  co_return upload;
}

awaitable<ReceivedFile> Files::receive(http::BodySource& source, std::string name) {
  return receive_source(source, std::move(name), store_);
}

void Files::require_storage(Caller caller) const {
  if (const auto used_up = quotas_.find_used_up(caller)) throw quota_exceeded(*used_up);
}

awaitable<std::vector<Upload>> Files::store(Caller caller, ReceivedUpload upload) {
  auto keeping = keep_all(caller, std::move(upload));
  auto uploads = co_await std::move(keeping);
  // Without the slot of the upload.
  auto making = make_thumbnails(caller, uploads);
  co_await std::move(making);
  co_return uploads;
}

awaitable<std::vector<Upload>> Files::keep_all(Caller caller, ReceivedUpload upload) {
  std::vector<Reserved> reserved;
  std::int64_t bytes = 0;
  for (auto& file : upload.files) {
    const auto size = static_cast<std::int64_t>(file.written.size);
    auto reserving = reserve(caller, std::move(file), reduced(limits_, bytes));
    auto one = co_await std::move(reserving);
    reserved.push_back(std::move(one));
    bytes += size;
  }
  std::vector<Upload> uploads;
  for (auto& file : reserved) {
    auto keeping = keep(caller, std::move(file));
    auto one = co_await std::move(keeping);
    uploads.push_back(std::move(one));
  }
  co_return uploads;
}

// The files are stored, so that nothing that fails here is the caller's.
awaitable<> Files::make_thumbnails(Caller caller, std::vector<Upload>& uploads) {
  std::vector<FileId> pictures;
  for (const auto& upload : uploads) {
    if (upload.file.thumbnails == ThumbnailState::pending) pictures.push_back(upload.file.id);
  }
  if (pictures.empty()) co_return;
  co_await thumbnails_.make(std::move(pictures));
  try {
    for (auto& upload : uploads) {
      if (upload.file.thumbnails != ThumbnailState::pending) continue;
      auto again = co_await repository_.find_upload(caller, upload.id);
      if (again) upload = std::move(*again);
    }
  } catch (const std::exception& error) {
    spdlog::warn("thumbnails of an upload are not known: {}", error.what());
  }
}

awaitable<NewFile> Files::describe(Caller caller, const file::WrittenFile& written) {
  const auto job = [&](NoContext&) { return types_.of(written.head); };
  auto detecting = detection_.run(job);
  const auto type = co_await std::move(detecting);
  NewFile file;
  file.key = {caller.workspace, written.hash, std::string{type.extension}};
  file.media_type = type.media_type;
  file.size = static_cast<std::int64_t>(written.size);
  co_return file;
}

awaitable<Files::Reserved> Files::reserve(Caller caller, ReceivedFile received,
                                          UploadLimits limits) {
  auto describing = describe(caller, received.written);
  const auto file = co_await std::move(describing);
  ReservedFile reserved;
  for (int tries = 0; tries < removal_tries; ++tries) {
    if (tries > 0) co_await pause_for_removal();
    auto reserving = repository_.reserve(caller, file, limits);
    reserved = co_await std::move(reserving);
    if (reserved.outcome != UploadOutcome::removing) break;
  }
  require_uploaded(reserved.outcome);
  co_return Reserved{reserved.id, file.key, file::kept_name(received.name),
                     std::move(received.writer)};
}

awaitable<Upload> Files::keep(Caller caller, Reserved file) {
  auto placing = file.writer->keep(file.key);
  co_await std::move(placing);
  auto recording = repository_.record(caller, file.id, std::move(file.name), std::nullopt, limits_);
  auto recorded = co_await std::move(recording);
  require_uploaded(recorded.outcome);
  sizes_.observe(static_cast<std::uint64_t>(recorded.upload->file.size));
  co_return std::move(*recorded.upload);
}

awaitable<Upload> Files::get(Caller caller, UploadId id) {
  auto upload = co_await repository_.find_upload(caller, id);
  if (!upload) throw no_such_file();
  co_return std::move(*upload);
}

awaitable<File> Files::find(Caller caller, file::FileKey key) {
  std::vector<file::FileKey> keys;
  keys.push_back(std::move(key));
  auto finding = find_all(caller, std::move(keys));
  auto files = co_await std::move(finding);
  if (files.empty()) throw no_such_file();
  co_return std::move(files.front());
}

awaitable<std::vector<File>> Files::find_all(Caller caller, std::vector<file::FileKey> keys) {
  auto finding = repository_.find(caller, std::move(keys));
  auto found = co_await std::move(finding);
  std::vector<File> files;
  for (auto& file : found) {
    if (file) files.push_back(std::move(*file));
  }
  co_return files;
}

awaitable<std::unique_ptr<http::BodySource>> Files::open(file::FileKey key) {
  auto url = file::to_url(key);
  auto source = co_await store_.open(std::move(key));
  if (!source) {
    spdlog::error("the store has lost {}", url);
    throw Error{ErrorCode::storage_unavailable, "The store does not have this file."};
  }
  co_return source;
}

awaitable<std::unique_ptr<http::BodySource>> Files::open_thumbnail(file::FileKey key,
                                                                   file::Thumbnail thumbnail) {
  auto opening = store_.open_thumbnail(std::move(key), thumbnail);
  auto source = co_await std::move(opening);
  if (!source) throw Error{ErrorCode::file_not_found, "There is no thumbnail of this file."};
  co_return source;
}

}  // namespace fechatter::server
