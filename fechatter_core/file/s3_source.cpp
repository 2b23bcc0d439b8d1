#include "fechatter_core/file/s3_source.hpp"

#include <algorithm>

namespace fechatter::file {

S3Source::S3Source(std::shared_ptr<S3Store::Core> core, std::string object, std::uint64_t size)
    : core_{std::move(core)}, object_{std::move(object)}, size_{size} {}

S3Source::~S3Source() {
  drop_window();
}

awaitable<std::size_t> S3Source::read(std::uint64_t offset, char* to, std::size_t count) {
  if (offset >= size_) co_return 0;
  const auto copied = read_from_window(offset, to, count);
  if (copied > 0) co_return copied;
  drop_window();
  const auto wanted = next_window(offset, count);
  const auto job = [&](S3Bucket& bucket, S3Deadline deadline) {
    return bucket.read(object_, offset, wanted, deadline);
  };
  auto reading = core_->ask(job);
  window_ = co_await std::move(reading);
  window_offset_ = offset;
  co_return read_from_window(offset, to, count);
}

// What is read to its end frees its memory.
std::size_t S3Source::read_from_window(std::uint64_t offset, char* to, std::size_t count) {
  if (offset < window_offset_ || offset >= window_offset_ + window_.size()) return 0;
  const auto begin = static_cast<std::size_t>(offset - window_offset_);
  const auto copied = window_.copy(to, count, begin);
  if (begin + copied == window_.size()) drop_window();
  return copied;
}

// A reader that wants less than a window at once is near its end.
std::size_t S3Source::next_window(std::uint64_t offset, std::size_t count) {
  constexpr std::size_t piece_bytes = 64 * 1024;
  auto wanted = std::min(count, window_bytes_max);
  has_window_ = count >= piece_bytes && core_->take_window();
  if (has_window_) {
    wanted = std::max(wanted, window_bytes_);
    window_bytes_ = std::min(2 * window_bytes_, window_bytes_max);
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, size_ - offset));
}

void S3Source::drop_window() {
  window_ = std::string{};
  if (has_window_) core_->release_window();
  has_window_ = false;
}

}  // namespace fechatter::file
