#include "fechatter_core/file/disk_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <string_view>

#include "fechatter_core/file/disk_error.hpp"

namespace fechatter::file {
namespace {

constexpr mode_t folder_mode = 0700;

// Long enough for the kernel to have written a new folder by itself.
constexpr std::time_t settled_after_seconds = 300;

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

Descriptor open_subfolder(const Descriptor& parent, const char* name) {
  return Descriptor{openat(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

// Another thread, or a process that has ended since, may have made the folder and not synced it.
bool may_be_unsynced(const Descriptor& folder) {
  struct statx state {};
  if (statx(folder.get(), "", AT_EMPTY_PATH, STATX_BTIME, &state) != 0) return true;
  if ((state.stx_mask & STATX_BTIME) == 0) return true;
  return std::time(nullptr) - state.stx_btime.tv_sec < settled_after_seconds;
}

}  // namespace

bool means_absent(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

std::optional<Descriptor> find_subfolder(const Descriptor& parent, const std::string& name) {
  auto folder = open_subfolder(parent, name.c_str());
  if (folder) return folder;
  if (!means_absent(errno)) throw_disk_error("openat of a folder", errno);
  return std::nullopt;
}

Descriptor make_subfolder(const Descriptor& parent, const std::string& name) {
  const bool made = mkdirat(parent.get(), name.c_str(), folder_mode) == 0;
  if (!made && errno != EEXIST) throw_disk_error("mkdirat", errno);
  auto folder = open_subfolder(parent, name.c_str());
  if (!folder) throw_disk_error("openat of a folder", errno);
  if (made || may_be_unsynced(folder)) sync_to_disk(parent);
  return folder;
}

std::vector<std::string> names_in(const Descriptor& folder) {
  // A stream of names of its own, from the first one on.
  auto stream = open_subfolder(folder, ".");
  if (!stream && means_absent(errno)) return {};
  if (!stream) throw_disk_error("openat of a folder", errno);
  const std::unique_ptr<DIR, FolderCloser> entries{fdopendir(stream.get())};
  if (!entries) throw_disk_error("fdopendir", errno);
  stream.release();
  std::vector<std::string> names;
  errno = 0;
  while (const auto* entry = readdir(entries.get())) {
    const std::string_view name{entry->d_name};
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) throw_disk_error("readdir", errno);
  std::sort(names.begin(), names.end());
  return names;
}

void sync_to_disk(const Descriptor& folder_or_file) {
  if (fsync(folder_or_file.get()) != 0) throw_disk_error("fsync", errno);
}

}  // namespace fechatter::file
