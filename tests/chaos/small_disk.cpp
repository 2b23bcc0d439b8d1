#include "tests/chaos/small_disk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

namespace fechatter::chaos {
namespace {

constexpr std::size_t size_mib = 512;
constexpr std::size_t chunk = 1 << 20;

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::make() {
  std::unique_ptr<SmallDisk> disk{new SmallDisk};
  return disk->mount() ? std::move(disk) : nullptr;
}

bool SmallDisk::mount() const {
  const auto* owner = getpwnam("postgres");
  if (geteuid() != 0 || owner == nullptr) return false;
  // Mounts from here on are visible to this process and its children only.
  if (unshare(CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  namespace fs = std::filesystem;
  fs::create_directory(path());
  fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
  const auto options =
      fmt::format("size={}m,mode=0700,uid={},gid={}", size_mib, owner->pw_uid, owner->pw_gid);
  return ::mount("fechatter-chaos", path().c_str(), "tmpfs", 0, options.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  umount2(path().c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  const int file = open((path() + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::vector<char> bytes(chunk);
  // Ever smaller writes, until not even one byte fits.
  for (auto size = chunk; size > 0;) {
    if (write(file, bytes.data(), size) <= 0) size /= 2;
  }
  close(file);
}

void SmallDisk::free() const {
  std::filesystem::remove(path() + "/filler");
}

}  // namespace fechatter::chaos
