#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fechatter::chaos {

// A fault that is to begin so long after the beginning of its round, and to be over by itself or to
// be healed after `lasts`.
struct Planned {
  std::chrono::milliseconds at{0};
  std::chrono::milliseconds lasts{0};
  std::string kind;
  std::size_t target = 0;    // a process, or a link
  std::uint64_t detail = 0;  // chance of its own: where a byte is flipped, how long a delay is
};

// All kinds there are.
const std::vector<std::string>& fault_kinds();

struct PlanOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> kinds;            // to choose from
  std::chrono::milliseconds length{25'000};  // of the round
  std::chrono::milliseconds every{1'500};    // on average
  std::size_t processes = 6;
};

// The faults of a round, by their beginning. The same options make the same plan. Two may overlap,
// but never two on the same thing.
std::vector<Planned> make_plan(const PlanOptions& options);

}  // namespace fechatter::chaos
