#include "fechatter_core/file/s3_writer.hpp"

#include <algorithm>
#include <stdexcept>

namespace fechatter::file {
namespace {

constexpr std::size_t hash_piece_bytes = 256 * 1024;

}  // namespace

S3Writer::S3Writer(std::shared_ptr<S3Store::Core> core, std::unique_ptr<DiskWriter> spooled)
    : core_{std::move(core)}, spooled_{std::move(spooled)} {}

awaitable<> S3Writer::write(std::string_view piece) {
  if (!spooled_) throw std::logic_error{"an upload is used after its end"};
  auto writing = spooled_->write(piece);
  co_await std::move(writing);
}

awaitable<WrittenFile> S3Writer::finish() {
  if (!spooled_) throw std::logic_error{"an upload is used after its end"};
  auto finishing = spooled_->finish();
  auto written = co_await std::move(finishing);
  hash_ = written.hash;
  size_ = written.size;
  is_finished_ = true;
  co_return written;
}

awaitable<> S3Writer::keep(FileKey key) {
  if (!is_finished_ || !spooled_) throw std::logic_error{"an upload is used out of order"};
  if (key.hash != hash_) throw std::logic_error{"an upload is kept under another hash"};
  is_finished_ = false;
  const auto object = core_->address().object_of(key);
  auto asking = is_kept(object);
  const bool was_kept = co_await std::move(asking);
  if (!was_kept) {
    auto sending =
        size_ > core_->settings().put_bytes_max ? send_in_parts(object) : send_whole(object);
    co_await std::move(sending);
  }
  spooled_.reset();
}

// Only equal content has the hash and so the name; another size is a copy that was damaged.
awaitable<bool> S3Writer::is_kept(const std::string& object) {
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return bucket.find_size(object, deadline) == size_;
  };
  auto asking = core_->ask(job);
  co_return co_await std::move(asking);
}

awaitable<> S3Writer::send_whole(const std::string& object) {
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    bucket.put(object, content(0, size_, hash_), deadline);
    return true;
  };
  auto sending = core_->send(job);
  co_await std::move(sending);
}

// Without the abortion the store would keep the parts, and ask for money; what a process that is
// killed leaves is swept.
awaitable<> S3Writer::send_in_parts(const std::string& object) {
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return bucket.begin_upload(object, deadline);
  };
  auto beginning = core_->send(job);
  const auto upload = co_await std::move(beginning);
  std::exception_ptr failure;
  try {
    auto sending = send_parts(object, upload);
    co_await std::move(sending);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  auto aborting = abort(object, upload);
  co_await std::move(aborting);
  std::rethrow_exception(failure);
}

// A job for each part: between two of them another upload gets the thread.
awaitable<> S3Writer::send_parts(const std::string& object, const std::string& upload) {
  std::vector<std::string> tags;
  const auto part_bytes = core_->settings().part_bytes;
  for (std::uint64_t offset = 0; offset < size_; offset += part_bytes) {
    const auto size = std::min(part_bytes, size_ - offset);
    const auto number = tags.size() + 1;
    const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
      const auto part = content(offset, size, hash_of_part(offset, size));
      return bucket.put_part(object, upload, number, part, deadline);
    };
    auto sending = core_->send(job);
    auto tag = co_await std::move(sending);
    tags.push_back(std::move(tag));
  }
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    bucket.complete_upload(object, upload, tags, size_, deadline);
    return true;
  };
  auto completing = core_->send(job);
  co_await std::move(completing);
}

awaitable<> S3Writer::abort(const std::string& object, const std::string& upload) {
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    try {
      bucket.abort_upload(object, upload, deadline);
    } catch (const std::exception& error) {
      log_s3_failure("abortion of an upload", error.what());
    }
    return true;
  };
  auto aborting = core_->ask(job);
  try {
    co_await std::move(aborting);
  } catch (const Error& error) {
    log_s3_failure("abortion of an upload", error.what());
  }
}

S3Content S3Writer::content(std::uint64_t offset, std::uint64_t size, std::string hash) const {
  const auto read = [this, offset](std::uint64_t from, char* to, std::size_t count) {
    return spooled_->read(offset + from, to, count);
  };
  return {{size, read}, std::move(hash)};
}

std::string S3Writer::hash_of_part(std::uint64_t offset, std::uint64_t size) const {
  ContentHash hash;
  std::string piece;
  for (const auto end = offset + size; offset < end; offset += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(hash_piece_bytes, end - offset)));
    piece.resize(spooled_->read(offset, piece.data(), piece.size()));
    if (piece.empty()) throw std::runtime_error{"an upload is shorter than it was"};
    hash.add(piece);
  }
  return hash.finish();
}

}  // namespace fechatter::file
