#pragma once

#include "fechatter_core/file/s3_store.hpp"

namespace fechatter::file {

// An object of an S3Store that is sent. Each read that its memory does not serve is one request for
// a range, which is larger from time to time, up to 1 MiB: a range of a few bytes costs little, and
// a large file few requests. Throws Error{storage_unavailable} when the object is gone, or does not
// come in time.
class S3Source final : public http::BodySource {
 public:
  static constexpr std::size_t window_bytes_min = 256 * 1024;
  static constexpr std::size_t window_bytes_max = 1024 * 1024;

  S3Source(std::shared_ptr<S3Store::Core> core, std::string object, std::uint64_t size);
  ~S3Source() override;
  S3Source(const S3Source&) = delete;
  S3Source& operator=(const S3Source&) = delete;

  std::optional<std::uint64_t> size() const override { return size_; }
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override;

 private:
  std::size_t read_from_window(std::uint64_t offset, char* to, std::size_t count);
  std::size_t next_window(std::uint64_t offset, std::size_t count);
  void drop_window();

  const std::shared_ptr<S3Store::Core> core_;
  const std::string object_;
  const std::uint64_t size_;
  std::string window_;  // what was read ahead
  std::uint64_t window_offset_ = 0;
  std::size_t window_bytes_ = window_bytes_min;  // of the next one
  bool has_window_ = false;                      // of those that the store has
};

}  // namespace fechatter::file
