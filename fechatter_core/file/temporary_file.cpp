#include "fechatter_core/file/temporary_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/file/disk_error.hpp"
#include "fechatter_core/file/disk_folder.hpp"

namespace fechatter::file {
namespace {

constexpr mode_t temporary_file_mode = 0600;
constexpr std::size_t random_name_bytes = 16;
// A disk of 400 MiB/s has such a piece in 1.3 ms: the database's own sync, on the same disk, waits
// as long for it.
constexpr std::uint64_t write_back_bytes = 512 * 1024;

}  // namespace

TemporaryFile::TemporaryFile(const Descriptor& folder)
    : name_{auth::base64url_encode(auth::random_bytes(random_name_bytes))} {
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  file_ = Descriptor{openat(folder.get(), name_.c_str(), flags, temporary_file_mode)};
  if (!file_) throw_disk_error("openat of a temporary file", errno);
  folder_ = &folder;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : folder_{std::exchange(other.folder_, nullptr)},
      name_{std::move(other.name_)},
      file_{std::move(other.file_)},
      size_{other.size_},
      written_back_{other.written_back_},
      write_back_begun_{other.write_back_begun_} {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(name_, other.name_);
  std::swap(file_, other.file_);
  std::swap(size_, other.size_);
  std::swap(written_back_, other.written_back_);
  std::swap(write_back_begun_, other.write_back_begun_);
  return *this;
}

void TemporaryFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_disk_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  if (size_ - write_back_begun_ >= write_back_bytes) begin_write_back();
}

std::size_t TemporaryFile::read(std::uint64_t offset, char* to, std::size_t count) const {
  ssize_t copied = 0;
  do {
    copied = pread(file_.get(), to, count, static_cast<off64_t>(offset));
  } while (copied < 0 && errno == EINTR);
  if (copied < 0) throw_disk_error("pread of a temporary file", errno);
  return static_cast<std::size_t>(copied);
}

// Otherwise the fsync at the end would write gigabytes at once, and the database's own, on the same
// disk, would wait for them. One piece is on its way at a time, so that an upload is as slow as the
// disk. Some file systems do not have it.
void TemporaryFile::begin_write_back() {
  const auto write_back = [this](std::uint64_t from, std::uint64_t to, unsigned how) {
    [[maybe_unused]] const int done = sync_file_range(file_.get(), static_cast<off64_t>(from),
                                                      static_cast<off64_t>(to - from), how);
  };
  write_back(written_back_, write_back_begun_, SYNC_FILE_RANGE_WAIT_BEFORE);
  write_back(write_back_begun_, size_, SYNC_FILE_RANGE_WRITE);
  written_back_ = std::exchange(write_back_begun_, size_);
}

void TemporaryFile::sync() {
  sync_to_disk(file_);
}

void TemporaryFile::remove() {
  if (folder_ == nullptr) return;
  const auto& folder = *std::exchange(folder_, nullptr);
  if (unlinkat(folder.get(), name_.c_str(), 0) != 0 && errno != ENOENT) {
    log_disk_error("unlinkat of a temporary file", errno);
  }
  file_ = Descriptor{};
}

}  // namespace fechatter::file
