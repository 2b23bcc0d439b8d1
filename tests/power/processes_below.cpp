#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "tests/power/mounted_volume.hpp"

namespace fechatter::power {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& link, const std::string& folder) {
  std::error_code error;
  const auto target = fs::read_symlink(link, error).string();
  return !error && (target == folder || target.starts_with(folder + "/"));
}

bool uses(const fs::path& process, const std::string& folder) {
  if (is_below(process / "cwd", folder)) return true;
  std::error_code error;  // it may have ended
  fs::directory_iterator files{process / "fd", error};
  for (; !error && files != fs::directory_iterator{}; files.increment(error)) {
    if (is_below(files->path(), folder)) return true;
  }
  return false;
}

}  // namespace

std::vector<pid_t> processes_below(const std::string& folder) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), pid).ptr;
    if (end != name.data() + name.size() || pid == getpid()) continue;
    if (uses(entry.path(), folder)) found.push_back(pid);
  }
  return found;
}

}  // namespace fechatter::power
