#include "fechatter_core/file/disk_listing.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "fechatter_core/file/disk_error.hpp"
#include "fechatter_core/file/disk_folder.hpp"
#include "fechatter_core/file/disk_place.hpp"

namespace fechatter::file {
namespace {

bool is_before(const FileKey& left, const FileKey& right) {
  return std::tie(left.workspace, left.hash, left.extension) <
         std::tie(right.workspace, right.hash, right.extension);
}

Timestamp time_of(const timespec& time) {
  return from_unix_micros(time.tv_sec * 1'000'000 + time.tv_nsec / 1'000);
}

// One pass. Its functions return whether to go on.
class DiskListing {
 public:
  DiskListing(const std::optional<FileKey>& after,
              const std::function<bool(const StoredFile&)>& see)
      : after_{after}, see_{see} {}

  void list(const Descriptor& root) {
    std::vector<WorkspaceId> workspaces;
    for (const auto& name : names_in(root)) {
      const auto workspace = find_workspace(name);
      if (workspace && !(after_ && *workspace < after_->workspace)) {
        workspaces.push_back(*workspace);
      }
    }
    std::sort(workspaces.begin(), workspaces.end());
    for (const auto workspace : workspaces) {
      if (!list_subfolder(root, std::to_string(workspace.value), workspace, "")) return;
    }
  }

 private:
  // `digits`: the first ones of the hash, which the folders above have given.
  bool list_subfolder(const Descriptor& parent, const std::string& name, WorkspaceId workspace,
                      const std::string& digits) {
    const auto folder = find_subfolder(parent, name);
    if (!folder) return true;
    const bool has_files = digits.size() == 2 * folder_digits;
    for (const auto& inner : names_in(*folder)) {
      const bool more = has_files ? visit(*folder, inner, workspace, digits)
                                  : descend(*folder, inner, workspace, digits + inner);
      if (!more) return false;
    }
    return true;
  }

  bool descend(const Descriptor& folder, const std::string& name, WorkspaceId workspace,
               const std::string& digits) {
    const bool is_ours = name.size() == folder_digits && is_hex(name);
    if (!is_ours || was_seen(workspace, digits)) return true;
    return list_subfolder(folder, name, workspace, digits);
  }

  bool visit(const Descriptor& folder, const std::string& name, WorkspaceId workspace,
             const std::string& digits) {
    auto key = find_key(workspace, name);
    if (!key || !key->hash.starts_with(digits)) return true;
    if (after_ && !is_before(*after_, *key)) return true;
    struct stat state {};
    if (fstatat(folder.get(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) {
      if (!means_absent(errno)) throw_disk_error("fstatat", errno);
      return true;
    }
    if (!S_ISREG(state.st_mode)) return true;
    return see_(
        {std::move(*key), static_cast<std::uint64_t>(state.st_size), time_of(state.st_mtim)});
  }

  bool was_seen(WorkspaceId workspace, const std::string& digits) const {
    return after_ && after_->workspace == workspace &&
           digits < after_->hash.substr(0, digits.size());
  }

  const std::optional<FileKey>& after_;
  const std::function<bool(const StoredFile&)>& see_;
};

}  // namespace

void list_files(const Descriptor& root, const std::optional<FileKey>& after,
                const std::function<bool(const StoredFile&)>& see) {
  DiskListing{after, see}.list(root);
}

}  // namespace fechatter::file
