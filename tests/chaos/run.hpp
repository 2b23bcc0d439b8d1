#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/power_options.hpp"

namespace fechatter::chaos {

struct RunOptions {
  std::uint64_t seed = 1;
  double minutes = 1;
  std::vector<std::string> kinds;  // empty: all but the power cut
  int cuts = 0;                    // the run ends after so many power cuts, not before; 0: by time
  PowerOptions power = {};         // with power cuts
  std::string folder = "build/chaos";
  std::string publish_to = {};  // a folder for the histories of all runs, by seed; empty: none
};

std::string all_fault_kinds();

// Starts the system, the clients and the faults, and checks the invariants afterwards; every five
// minutes with a new system and the next seed. Prints a report; true when no invariant is violated.
// Ends early and unchecked once `stopped` returns true.
bool run(const RunOptions& options, const std::function<bool()>& stopped);

}  // namespace fechatter::chaos
