#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fechatter::chaos {

// A planned fault. It begins `at` after the beginning of its round, and is healed `lasts` later
// unless it ends by itself.
struct Planned {
  std::chrono::milliseconds at{0};
  std::chrono::milliseconds lasts{0};
  std::string kind;
  std::size_t target = 0;    // a process, or a link
  std::uint64_t detail = 0;  // random: the byte to flip, or the length of a delay
};

// The end of the whole machine, on a disk of its own (Cluster): a kind that comes alone.
inline constexpr const char* power_cut = "power";

// All other kinds of faults.
const std::vector<std::string>& fault_kinds();

struct PlanOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> kinds;            // the permitted kinds
  std::chrono::milliseconds length{25'000};  // of the round
  std::chrono::milliseconds every{1'500};    // on average
  std::size_t processes = 6;
};

// The faults of a round in the order of their beginning. The same options result in the same plan.
// At most two faults overlap, and never on the same target.
std::vector<Planned> make_plan(const PlanOptions& options);

}  // namespace fechatter::chaos
