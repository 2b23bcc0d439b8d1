#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fechatter::power {

// A Volume that is mounted, by FUSE, for all users of the machine; without a cache of the kernel
// (direct_io), so that it sees each write when it happens, and with the flags of the file: O_SYNC
// and O_DSYNC sync what they write. sync(2) and sync_file_range(2) do not reach it, and bring
// nothing to the disk. Only this process and its children see the mount, so that it disappears with
// them. The public functions are for one thread: that which made it, whose children see the mount.
class MountedVolume {
 public:
  // Null without root, the right to mount, /dev/fuse or libfuse3. Its seed decides what reaches
  // the disk before it must.
  static std::unique_ptr<MountedVolume> make(std::uint64_t seed);
  virtual ~MountedVolume() = default;
  MountedVolume(const MountedVolume&) = delete;
  MountedVolume& operator=(const MountedVolume&) = delete;

  virtual std::string path() const = 0;
  // All of it is on the disk now.
  virtual void sync_all() = 0;
  // From now on no call succeeds (EIO), and nothing reaches the disk; ends all processes that have
  // a file of it open, or their folder in it (kill -9).
  virtual void cut_power() = 0;
  // As after a start of the machine; `seed` as in Volume::cut.
  // REQUIRES: cut_power() before.
  virtual void restore_power(std::optional<std::uint64_t> seed) = 0;

 protected:
  MountedVolume() = default;
};

// The processes, without this one, that have a file below the folder open, or their folder there.
std::vector<pid_t> processes_below(const std::string& folder);

}  // namespace fechatter::power
