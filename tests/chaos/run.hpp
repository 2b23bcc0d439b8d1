#pragma once

#include <functional>
#include <string>
#include <vector>

namespace fechatter::chaos {

struct RunOptions {
  std::uint64_t seed = 1;
  double minutes = 1;
  std::vector<std::string> kinds;  // empty: all
  std::string folder = "build/chaos";
};

std::string all_fault_kinds();

// Starts the system, lets the clients loose on it and the faults on both, and judges what was seen;
// every ten minutes a new system, with the next seed. Prints what it found; true when nothing is
// wrong. Ends early, without a judgement, once `stopped`.
bool run(const RunOptions& options, const std::function<bool()>& stopped);

}  // namespace fechatter::chaos
