#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "fechatter_core/file/descriptor.hpp"

namespace fechatter::server {

struct ChildLimits {
  std::chrono::milliseconds time_max{10'000};
  std::size_t output_max = 0;  // bytes
};

// How a process has ended.
struct ChildEnd {
  bool started = false;
  bool succeeded = false;  // it has ended by itself, with 0, within its limits
  std::string output;      // when it has succeeded
  std::string reason;      // otherwise; nothing of what it has written
};

// Runs a program without arguments and waits for its end: standard input is `input`, standard error
// nowhere. It has no other descriptor of this process, and of its environment only the language
// "C". It is killed when it takes too long, writes too much, or `stop` can be read meanwhile.
// Blocks; any thread, also while other threads run.
ChildEnd run_child(const std::string& program, const file::Descriptor& input,
                   const ChildLimits& limits, const file::Descriptor& stop);

}  // namespace fechatter::server
