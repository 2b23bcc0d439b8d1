#include "tests/chaos/small_disk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "tests/support/own_mounts.hpp"

namespace fechatter::chaos {
namespace {

constexpr std::size_t chunk = 1 << 20;

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::make(const std::string& user, std::size_t size_mib) {
  std::unique_ptr<SmallDisk> disk{new SmallDisk};
  return disk->mount(user, size_mib) ? std::move(disk) : nullptr;
}

bool SmallDisk::mount(const std::string& user, std::size_t size_mib) const {
  const auto* owner = getpwnam(user.c_str());
  if (owner == nullptr || !test::has_own_mounts()) return false;
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
