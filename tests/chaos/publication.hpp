#pragma once

#include <string>
#include <vector>

#include "tests/chaos/report.hpp"
#include "tests/chaos/run.hpp"

namespace fechatter::chaos {

// What a run was, beside its result.
struct Provenance {
  RunOptions options;
  std::vector<std::vector<Planned>> plans;  // of each round
  std::string postgres_version;
};

// Writes a run for others to judge: archive(), `plan.jsonl` with the planned faults and `run.json`
// with the seed, the options and the versions. No log is among it. Throws, and leaves no folder,
// when a file has one of the secrets.
void publish(const Result& result, const Provenance& provenance,
             const std::vector<std::string>& secrets, const std::string& folder);

}  // namespace fechatter::chaos
