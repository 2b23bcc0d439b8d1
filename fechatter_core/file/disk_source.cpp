#include "fechatter_core/file/disk_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "fechatter_core/file/disk_error.hpp"

namespace fechatter::file {
namespace {

std::uint64_t size_of(const Descriptor& file) {
  struct stat state {};
  if (fstat(file.get(), &state) != 0) throw_disk_error("fstat", errno);
  return static_cast<std::uint64_t>(state.st_size);
}

}  // namespace

DiskSource::DiskSource(std::shared_ptr<DiskStore::Core> core, Descriptor file)
    : core_{std::move(core)}, file_{std::move(file)}, size_{size_of(file_)} {}

awaitable<std::size_t> DiskSource::read(std::uint64_t offset, char* to, std::size_t count) {
  if (offset >= size_) co_return 0;
  const auto wanted = std::min(count, piece_bytes_max);
  const auto copied = read_from_memory(offset, to, wanted);
  if (copied > 0) co_return copied;
  const auto job = [&](DiskStore::NoContext&) { return read_from_disk(offset, to, wanted); };
  auto reading = core_->pool.run(job);
  co_return co_await std::move(reading);
}

awaitable<std::uint64_t> DiskSource::load(std::uint64_t offset, std::uint64_t count) {
  if (offset >= size_) co_return 0;
  const auto wanted = std::min({count, size_ - offset, std::uint64_t{load_bytes_max}});
  if (is_in_memory(offset) && is_in_memory(offset + wanted - 1)) co_return wanted;
  const auto job = [&](DiskStore::NoContext&) {
    load_from_disk(offset, static_cast<std::size_t>(wanted));
    return true;
  };
  auto loading = core_->pool.run(job);
  co_await std::move(loading);
  co_return wanted;
}

bool DiskSource::is_in_memory(std::uint64_t offset) const {
  char byte = 0;
  return read_from_memory(offset, &byte, 1) == 1;
}

void DiskSource::load_from_disk(std::uint64_t offset, std::size_t count) const {
  const auto piece = std::make_unique<char[]>(std::min(count, piece_bytes_max));
  for (std::size_t loaded = 0; loaded < count;) {
    const auto wanted = std::min(count - loaded, piece_bytes_max);
    const auto copied = read_from_disk(offset + loaded, piece.get(), wanted);
    if (copied == 0) return;  // shorter than it was: sendfile notices
    loaded += copied;
  }
}

// 0 when there is nothing yet, or the file system does not have such reads.
std::size_t DiskSource::read_from_memory(std::uint64_t offset, char* to, std::size_t count) const {
  const iovec target{to, count};
  const auto copied = preadv2(file_.get(), &target, 1, static_cast<off64_t>(offset), RWF_NOWAIT);
  return copied > 0 ? static_cast<std::size_t>(copied) : 0;
}

std::size_t DiskSource::read_from_disk(std::uint64_t offset, char* to, std::size_t count) const {
  ssize_t copied = 0;
  do {
    copied = pread(file_.get(), to, count, static_cast<off64_t>(offset));
  } while (copied < 0 && errno == EINTR);
  if (copied < 0) throw_disk_error("pread", errno);
  const auto next = static_cast<off64_t>(offset) + copied;
  // Only a hint.
  [[maybe_unused]] const int asked =
      posix_fadvise(file_.get(), next, piece_bytes_max, POSIX_FADV_WILLNEED);
  return static_cast<std::size_t>(copied);
}

}  // namespace fechatter::file
