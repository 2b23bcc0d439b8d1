#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

// The result of a run.
struct Result {
  std::uint64_t seed = 0;
  Histories histories;
  FinalState final_state;
  std::map<int, int> statuses;  // counts of REST answers by status; 0: no answer
  std::chrono::milliseconds longest_to_drained{0};
  int cuts = 0;              // of the power
  int unexpected_exits = 0;  // exits of server processes without a request
  std::vector<Violation> violations;
};

// Prints a table to standard output.
void print_report(const Result& result);

}  // namespace fechatter::chaos
