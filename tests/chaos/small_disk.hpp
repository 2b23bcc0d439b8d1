#pragma once

#include <memory>
#include <string>

#include "tests/support/process.hpp"

namespace fechatter::chaos {

// A file system of its own for PostgreSQL, small enough to be filled: a tmpfs that only this
// process and its children see, so that it is gone when they are.
class SmallDisk {
 public:
  // Null where it cannot be made: without root, or without the right to mount.
  static std::unique_ptr<SmallDisk> make();
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // A folder of the user postgres.
  std::string path() const { return folder_.path("disk"); }
  // Not a byte is left …
  void fill() const;
  // … until here.
  void free() const;

 private:
  SmallDisk() = default;
  bool mount() const;

  test::ScratchFolder folder_;
};

}  // namespace fechatter::chaos
