#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

// A run, when it is over.
struct Result {
  std::uint64_t seed = 0;
  Histories histories;
  FinalState final_state;
  std::map<int, int> statuses;  // of REST answers, and how often; 0: none came
  std::chrono::milliseconds longest_to_drained{0};
  int accidents = 0;  // how often a process of ours ended by itself
  std::vector<Violation> violations;
};

// To standard output, as a table.
void print_report(const Result& result);

}  // namespace fechatter::chaos
