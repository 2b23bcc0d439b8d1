#pragma once

#define FUSE_USE_VERSION 31
#include <fuse_lowlevel.h>

#include <map>
#include <mutex>

#include "tests/power/volume.hpp"

namespace fechatter::power {

// A node that the kernel knows, by the address of this.
struct Known {
  NodePtr node;
  std::uint64_t lookups = 0;
};

// What the calls work on. They hold the mutex.
struct Mounted {
  explicit Mounted(std::uint64_t seed) : volume{seed} { root.node = volume.root(); }

  std::mutex mutex;
  Volume volume;
  bool powered = true;
  Known root;
  std::map<Node*, Known> known;  // but for the root
};

// The calls of the kernel for a mounted volume; their user data is a Mounted. Any thread.
const fuse_lowlevel_ops& kernel_calls();

}  // namespace fechatter::power
