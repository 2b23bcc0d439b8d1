#include "fechatter_core/file/partial_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/disk_error.hpp"
#include "fechatter_core/file/disk_folder.hpp"

namespace fechatter::file {
namespace {

constexpr int partial_niceness = 10;  // as the store's own threads
constexpr mode_t partial_file_mode = 0600;

struct LockedFile {
  Descriptor file;
  std::uint64_t size = 0;
};

Descriptor open_partial_folder(const std::string& path) try {
  std::filesystem::create_directories(path);
  const Descriptor root{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!root) throw std::system_error{errno, std::generic_category()};
  return make_subfolder(root, "partial");
} catch (const std::exception& error) {
  throw std::runtime_error{"cannot use the folder of the files, " + path + ": " + error.what()};
}

PartialFiles::NoContext start_partial_thread() {
  [[maybe_unused]] const int now = nice(partial_niceness);
  return {};
}

// The kernel frees the lock with the last descriptor, so that of a killed process, too. A file that
// was removed while this call waited for its lock is none.
std::optional<LockedFile> open_locked(const Descriptor& folder, const std::string& name) {
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  LockedFile locked;
  locked.file = Descriptor{openat(folder.get(), name.c_str(), flags, partial_file_mode)};
  if (!locked.file) throw_disk_error("openat of a partial file", errno);
  if (flock(locked.file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    throw_disk_error("flock", errno);
  }
  struct stat state {};
  if (fstat(locked.file.get(), &state) != 0) throw_disk_error("fstat", errno);
  if (!S_ISREG(state.st_mode)) throw_disk_error("openat of a partial file", EINVAL);
  if (state.st_nlink == 0) return std::nullopt;
  locked.size = static_cast<std::uint64_t>(state.st_size);
  return locked;
}

void write_at(const Descriptor& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_disk_error("pwrite", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

}  // namespace

PartialFiles::Core::Core(const PartialFilesSettings& settings)
    : folder{open_partial_folder(settings.folder)},
      pool{{settings.threads, settings.queue_max, "Too many files are on their way."},
           start_partial_thread} {}

PartialFiles::PartialFiles(const PartialFilesSettings& settings)
    : core_{std::make_shared<Core>(settings)} {}

PartialFiles::~PartialFiles() {
  core_->pool.stop();
}

awaitable<std::unique_ptr<PartialFile>> PartialFiles::open(std::string name) {
  const auto job = [&](NoContext&) { return open_locked(core_->folder, name); };
  auto opening = core_->pool.run(job);
  auto locked = co_await std::move(opening);
  if (!locked) co_return nullptr;
  co_return std::make_unique<PartialFile>(core_, std::move(name), std::move(locked->file),
                                          locked->size);
}

awaitable<std::vector<std::string>> PartialFiles::list(std::chrono::seconds age,
                                                       std::size_t count) {
  const auto job = [&](NoContext&) {
    std::vector<std::string> names;
    const auto newest = std::time(nullptr) - age.count();
    for (auto& name : names_in(core_->folder)) {
      struct stat state {};
      if (names.size() == count) break;
      if (fstatat(core_->folder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (S_ISREG(state.st_mode) && state.st_mtim.tv_sec <= newest) names.push_back(name);
    }
    return names;
  };
  auto listing = core_->pool.run(job);
  co_return co_await std::move(listing);
}

PartialFile::PartialFile(std::shared_ptr<PartialFiles::Core> core, std::string name,
                         Descriptor file, std::uint64_t size)
    : core_{std::move(core)}, name_{std::move(name)}, file_{std::move(file)}, size_{size} {}

PartialFile::~PartialFile() {
  // Free before the answer to this request, after which the next one may come at once. Closing
  // waits: freeing the gigabytes of a removed file takes a while.
  flock(file_.get(), LOCK_UN);
  core_->pool.destroy(std::move(file_));
}

awaitable<bool> PartialFile::cut(std::uint64_t size) {
  gathered_.clear();
  const auto job = [&](PartialFiles::NoContext&) {
    struct stat state {};
    if (fstat(file_.get(), &state) != 0) throw_disk_error("fstat", errno);
    size_ = static_cast<std::uint64_t>(state.st_size);
    if (size_ < size) return false;
    if (size_ > size && ftruncate(file_.get(), static_cast<off_t>(size)) != 0) {
      throw_disk_error("ftruncate", errno);
    }
    size_ = size;
    return true;
  };
  auto cutting = core_->pool.run(job);
  co_return co_await std::move(cutting);
}

awaitable<> PartialFile::write(std::string_view piece) {
  gathered_ += piece;
  size_ += piece.size();
  if (gathered_.size() < job_bytes_min) co_return;
  const auto job = [this](PartialFiles::NoContext&) {
    store_gathered();
    return true;
  };
  auto storing = core_->pool.run(job);
  co_await std::move(storing);
}

// On a thread of the pool.
void PartialFile::store_gathered() {
  write_at(file_, gathered_, size_ - gathered_.size());
  gathered_.clear();
}

awaitable<> PartialFile::sync() {
  const auto job = [this](PartialFiles::NoContext&) {
    store_gathered();
    sync_to_disk(file_);
    // An earlier request may have made the file and not come to this point.
    if (!is_named_) sync_to_disk(core_->folder);
    is_named_ = true;
    return true;
  };
  auto syncing = core_->pool.run(job);
  co_await std::move(syncing);
}

awaitable<> PartialFile::remove() {
  const auto job = [this](PartialFiles::NoContext&) {
    if (unlinkat(core_->folder.get(), name_.c_str(), 0) != 0 && errno != ENOENT) {
      throw_disk_error("unlinkat of a partial file", errno);
    }
    return true;
  };
  auto removing = core_->pool.run(job);
  co_await std::move(removing);
}

awaitable<std::size_t> PartialFile::read(std::uint64_t offset, char* to, std::size_t count) {
  const auto job = [&](PartialFiles::NoContext&) {
    for (;;) {
      const auto read = pread(file_.get(), to, count, static_cast<off_t>(offset));
      if (read >= 0) return static_cast<std::size_t>(read);
      if (errno != EINTR) throw_disk_error("pread", errno);
    }
  };
  auto reading = core_->pool.run(job);
  co_return co_await std::move(reading);
}

}  // namespace fechatter::file
