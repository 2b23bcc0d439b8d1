#include "fechatter_core/file/s3_store.hpp"

#include <unistd.h>

#include <algorithm>

#include "fechatter_core/file/content_hash.hpp"
#include "fechatter_core/file/disk_writer.hpp"
#include "fechatter_core/file/s3_source.hpp"
#include "fechatter_core/file/s3_writer.hpp"

namespace fechatter::file {
namespace {

constexpr int windows_max = 64;
constexpr std::size_t list_page_max = 1000;  // by S3
constexpr std::size_t upload_pages_max = 100;
constexpr std::chrono::seconds check_pause{10};
constexpr std::chrono::minutes sweep_time{1};
constexpr int s3_niceness = 10;  // TLS and hashes: sending messages goes first

WorkerPoolSettings pool_settings(const S3Settings& settings) {
  return {settings.threads, settings.queue_max, "Too many files are on their way."};
}

// What is wrong with the bucket; for /health, without its name.
std::string complaint_about(const S3Refusal& refusal) {
  const auto& code = refusal.code();
  if (code == "NoSuchBucket" || refusal.is_absent()) {
    return "The bucket of the files does not exist.";
  }
  if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed" ||
      code == "IllegalLocationConstraintException") {
    return "The bucket of the files is in another region.";
  }
  if (code == "RequestTimeTooSkewed") return "The clock differs from that of the file store.";
  return "The file store refuses access to the bucket of the files: " +
         (code.empty() ? std::string{"without a reason"} : code) + '.';
}

std::string thumbnail_object(const S3Address& address, const FileKey& key, Thumbnail thumbnail) {
  return address.object_of(key) + name_suffix(thumbnail);
}

// The object, then what is called after it: a thumbnail that is kept meanwhile looks for its file
// afterwards.
bool remove_file(S3Bucket& bucket, const std::string& object, S3Deadline deadline) {
  const bool was_there = bucket.find_size_in_bucket(object, deadline).has_value();
  bucket.remove(object, deadline);
  const auto page = bucket.list(object + '.', "", list_page_max, deadline);
  for (const auto& thumbnail : page.objects) bucket.remove(thumbnail.name, deadline);
  return was_there;
}

S3Content content_of(const std::string& bytes) {
  ContentHash hash;
  hash.add(bytes);
  const auto read = [&bytes](std::uint64_t offset, char* to, std::size_t count) {
    return bytes.copy(to, count, static_cast<std::size_t>(offset));
  };
  return {{bytes.size(), read}, hash.finish()};
}

// Of files only: the bucket may have others.
std::size_t abort_old_uploads(S3Bucket& bucket, const S3Address& address, S3Deadline deadline) {
  std::size_t count = 0;
  const auto oldest = now() - S3Store::upload_age_max;
  S3Uploads page;
  for (std::size_t i = 0; i < upload_pages_max; ++i) {
    page = bucket.list_uploads(address.prefix(), page, deadline);
    for (const auto& upload : page.uploads) {
      if (upload.begun_at > oldest || !address.key_of(upload.object)) continue;
      bucket.abort_upload(upload.object, upload.id, deadline);
      ++count;
    }
    if (page.next_object.empty()) break;
  }
  return count;
}

}  // namespace

S3Store::Core::Core(const S3Settings& settings, const DiskStoreSettings& spool)
    : settings_{settings},
      address_{settings_},
      spool_{spool},
      sending_{pool_settings(settings_), [this] { return make_bucket(); }},
      asking_{pool_settings(settings_), [this] { return make_bucket(); }} {}

S3Store::Core::Context S3Store::Core::make_bucket() const {
  // On Linux the calling thread's own; never refused.
  [[maybe_unused]] const int now_nice = nice(s3_niceness);
  return std::make_unique<S3Bucket>(settings_, address_, stopped_);
}

void S3Store::Core::stop() {
  stopped_ = true;
  sending_.stop();
  asking_.stop();
}

bool S3Store::Core::take_window() {
  if (++windows_ <= windows_max) return true;
  --windows_;
  return false;
}

bool S3Store::Core::is_checked() const {
  const std::lock_guard lock{mutex_};
  return checked_at_ && S3Clock::now() - *checked_at_ < check_pause;
}

void S3Store::Core::note_checked() {
  const std::lock_guard lock{mutex_};
  checked_at_ = S3Clock::now();
}

void S3Store::Core::require_in_time(S3Deadline deadline) {
  if (S3Clock::now() < deadline) return;
  log_s3_failure("request", "no thread was free in time");
  throw Error{ErrorCode::storage_unavailable, "The file store does not answer."};
}

void S3Store::Core::fail_as_refused(const S3Refusal& refusal) {
  log_s3_failure("refused", refusal.what());
  throw Error{ErrorCode::storage_unavailable, "The file store does not answer."};
}

S3Store::S3Store(const S3Settings& settings, const DiskStoreSettings& spool)
    : core_{std::make_shared<Core>(settings, spool)} {}

S3Store::~S3Store() {
  core_->stop();
}

awaitable<std::unique_ptr<FileWriter>> S3Store::create() {
  auto creating = core_->spool().create_writer();
  auto writer = co_await std::move(creating);
  co_return std::make_unique<S3Writer>(core_, std::move(writer));
}

awaitable<std::unique_ptr<http::BodySource>> S3Store::open(FileKey key) {
  auto object = core_->address().object_of(key);
  auto opening = open_object(std::move(object));
  co_return co_await std::move(opening);
}

awaitable<std::unique_ptr<http::BodySource>> S3Store::open_thumbnail(FileKey key,
                                                                     Thumbnail thumbnail) {
  auto object = thumbnail_object(core_->address(), key, thumbnail);
  auto opening = open_object(std::move(object));
  co_return co_await std::move(opening);
}

awaitable<std::unique_ptr<http::BodySource>> S3Store::open_object(std::string object) {
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return bucket.find_size_in_bucket(object, deadline);
  };
  auto asking = core_->ask(job);
  const auto size = co_await std::move(asking);
  if (!size) co_return nullptr;
  co_return std::make_unique<S3Source>(core_, std::move(object), *size);
}

awaitable<bool> S3Store::remove(FileKey key) {
  const auto object = core_->address().object_of(key);
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return remove_file(bucket, object, deadline);
  };
  auto removing = core_->ask(job);
  co_return co_await std::move(removing);
}

awaitable<> S3Store::keep_thumbnail(FileKey key, Thumbnail thumbnail, std::string bytes) {
  const auto object = core_->address().object_of(key);
  const auto beside = thumbnail_object(core_->address(), key, thumbnail);
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    if (!bucket.find_size_in_bucket(object, deadline)) return false;
    bucket.put(beside, content_of(bytes), deadline);
    const bool is_there = bucket.find_size(object, deadline).has_value();
    if (!is_there) bucket.remove(beside, deadline);
    return is_there;
  };
  auto keeping = core_->ask(job);
  co_await std::move(keeping);
}

awaitable<std::size_t> S3Store::sweep() {
  auto sweeping = core_->spool().sweep();
  const auto swept = co_await std::move(sweeping);
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return abort_old_uploads(bucket, core_->address(), deadline + sweep_time);
  };
  auto aborting = core_->ask(job);
  const auto aborted = co_await std::move(aborting);
  co_return swept + aborted;
}

awaitable<std::vector<StoredFile>> S3Store::list(std::optional<FileKey> after, std::size_t count) {
  std::vector<StoredFile> files;
  auto from = after ? core_->address().object_of(*after) : std::string{};
  S3Page page;
  page.is_last = false;
  while (files.size() < count && !page.is_last) {
    const auto wanted = std::min(count - files.size(), list_page_max);
    const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
      return bucket.list(core_->address().prefix(), from, wanted, deadline);
    };
    auto listing = core_->ask(job);
    page = co_await std::move(listing);
    for (auto& object : page.objects) {
      auto key = core_->address().key_of(object.name);
      if (key) files.push_back({std::move(*key), object.size, object.modified_at});
      from = std::move(object.name);
    }
  }
  co_return files;
}

awaitable<> S3Store::check() {
  auto probing = core_->spool().check();
  co_await std::move(probing);
  if (core_->is_checked()) co_return;
  std::string complaint;
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    try {
      bucket.list(core_->address().prefix(), "", 1, deadline);
    } catch (const S3Refusal& refusal) {
      complaint = complaint_about(refusal);
      log_s3_failure("check", refusal.what());
    }
    return true;
  };
  auto asking = core_->ask(job);
  co_await std::move(asking);
  if (!complaint.empty()) throw Error{ErrorCode::storage_unavailable, complaint};
  core_->note_checked();
}

awaitable<std::uint64_t> S3Store::free_bytes() {
  auto asking = core_->spool().free_bytes();
  co_return co_await std::move(asking);
}

}  // namespace fechatter::file
