#include "fechatter_core/file/disk_tree.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/disk_error.hpp"
#include "fechatter_core/file/disk_folder.hpp"
#include "fechatter_core/file/disk_place.hpp"

namespace fechatter::file {
namespace {

constexpr auto temporary_folder = "tmp";

Descriptor open_root(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  Descriptor root{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!error && root) return root;
  const auto reason = error ? error.message() : std::generic_category().message(errno);
  throw std::runtime_error{"cannot use the folder of the files, " + path + ": " + reason};
}

Descriptor open_temporary(const Descriptor& root, const std::string& path) try {
  return make_subfolder(root, temporary_folder);
} catch (const Error&) {
  throw std::runtime_error{"cannot write to the folder of the files, " + path};
}

// Only equal content has the hash and so the name; another size is a copy that was damaged.
bool has_same_file(const Descriptor& folder, const std::string& name, std::uint64_t size) {
  struct stat state {};
  return fstatat(folder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(state.st_mode) && static_cast<std::uint64_t>(state.st_size) == size &&
         // By its time, a verification sees that the file may be about to get its row.
         utimensat(folder.get(), name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0;
}

bool has_name(const Descriptor& folder, const std::string& name) {
  struct stat state {};
  if (fstatat(folder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (!means_absent(errno)) throw_disk_error("fstatat", errno);
  return false;
}

// Whether there was one.
bool remove_name(const Descriptor& folder, const std::string& name) {
  if (unlinkat(folder.get(), name.c_str(), 0) == 0) return true;
  if (!means_absent(errno)) throw_disk_error("unlinkat", errno);
  return false;
}

// By link, which never replaces and which more file systems have than RENAME_NOREPLACE.
void link_or_replace(const Descriptor& from, const TemporaryFile& file, const Descriptor& to,
                     const std::string& name) {
  const auto* const old_name = file.name().c_str();
  if (linkat(from.get(), old_name, to.get(), name.c_str(), 0) == 0) return;
  if (errno != EEXIST) throw_disk_error("linkat", errno);
  if (has_same_file(to, name, file.size())) return;
  spdlog::warn("file store: what was in place of a file is replaced by a new upload");
  if (renameat(from.get(), old_name, to.get(), name.c_str()) != 0) {
    throw_disk_error("renameat", errno);
  }
}

}  // namespace

DiskTree::DiskTree(const std::string& path)
    : root_{open_root(path)}, temporary_{open_temporary(root_, path)} {}

void DiskTree::place(TemporaryFile& file, const FileKey& key) const {
  const auto place = place_of(key);
  auto folder = make_subfolder(root_, place.folders[0]);
  folder = make_subfolder(folder, place.folders[1]);
  folder = make_subfolder(folder, place.folders[2]);
  link_or_replace(temporary_, file, folder, place.name);
  sync_to_disk(folder);
  file.remove();
}

std::optional<Descriptor> DiskTree::open(const FileKey& key) const {
  return open_named(key, place_of(key).name);
}

std::optional<Descriptor> DiskTree::open_thumbnail(const FileKey& key, Thumbnail thumbnail) const {
  return open_named(key, place_of(key).name + name_suffix(thumbnail));
}

std::optional<Descriptor> DiskTree::open_named(const FileKey& key, const std::string& name) const {
  const auto folder = find_folder(key);
  if (!folder) return std::nullopt;
  // A pipe that was planted in the store would hold the thread without O_NONBLOCK.
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Descriptor file{openat(folder->get(), name.c_str(), flags)};
  if (!file && means_absent(errno)) return std::nullopt;
  if (!file) throw_disk_error("openat", errno);
  struct stat state {};
  if (fstat(file.get(), &state) != 0) throw_disk_error("fstat", errno);
  if (!S_ISREG(state.st_mode)) return std::nullopt;
  return file;
}

bool DiskTree::remove(const FileKey& key) const {
  const auto folder = find_folder(key);
  if (!folder) return false;
  const auto name = place_of(key).name;
  // The file goes first: place_thumbnail looks for it after its own work.
  const bool removed = remove_name(*folder, name);
  for (const auto thumbnail : all_thumbnails) remove_name(*folder, name + name_suffix(thumbnail));
  // Also when it was gone: the attempt that removed it may have failed here.
  sync_to_disk(*folder);
  return removed;
}

void DiskTree::place_thumbnail(const FileKey& key, Thumbnail thumbnail,
                               std::string_view bytes) const {
  const auto folder = find_folder(key);
  const auto name = place_of(key).name;
  if (!folder || !has_name(*folder, name)) return;
  const auto thumbnail_name = name + name_suffix(thumbnail);
  TemporaryFile file{temporary_};
  file.append(bytes);
  file.sync();
  if (renameat(temporary_.get(), file.name().c_str(), folder->get(), thumbnail_name.c_str()) != 0) {
    throw_disk_error("renameat of a thumbnail", errno);
  }
  sync_to_disk(*folder);
  // Whichever comes last, this or a removal of the file, removes the thumbnail.
  if (!has_name(*folder, name)) remove_name(*folder, thumbnail_name);
}

std::size_t DiskTree::sweep(std::chrono::seconds age) const {
  std::size_t removed = 0;
  const auto newest = std::time(nullptr) - age.count();
  for (const auto& name : names_in(temporary_)) {
    struct stat state {};
    if (fstatat(temporary_.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (state.st_mtim.tv_sec > newest) continue;
    if (unlinkat(temporary_.get(), name.c_str(), 0) == 0) ++removed;
  }
  return removed;
}

std::optional<Descriptor> DiskTree::find_folder(const FileKey& key) const {
  const auto place = place_of(key);
  auto folder = find_subfolder(root_, place.folders[0]);
  if (folder) folder = find_subfolder(*folder, place.folders[1]);
  if (folder) folder = find_subfolder(*folder, place.folders[2]);
  if (!folder) require_root();
  return folder;
}

// A store whose folder was removed is gone, and not merely empty.
void DiskTree::require_root() const {
  struct stat state {};
  if (fstat(root_.get(), &state) != 0) throw_disk_error("fstat", errno);
  if (state.st_nlink == 0) throw_disk_error("fstat", ENOENT);
}

}  // namespace fechatter::file
