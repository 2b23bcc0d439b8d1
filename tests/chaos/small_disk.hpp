#pragma once

#include <memory>
#include <string>

#include "tests/support/process.hpp"

namespace fechatter::chaos {

// A small file system that can be filled up: a tmpfs that only this process and its children see,
// so that it disappears with them.
class SmallDisk {
 public:
  // For a user of the machine. Null without root or the right to mount.
  static std::unique_ptr<SmallDisk> make(const std::string& user, std::size_t size_mib);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // A folder of that user.
  std::string path() const { return folder_.path("disk"); }
  // Fills the disk to the last byte.
  void fill() const;
  // Frees the filled space.
  void free() const;

 private:
  SmallDisk() = default;
  bool mount(const std::string& user, std::size_t size_mib) const;

  test::ScratchFolder folder_;
};

}  // namespace fechatter::chaos
