#pragma once

#include <string>
#include <vector>

namespace fechatter::server {

// What one check of `doctor` has found.
struct Finding {
  enum class State {
    good,
    unknown,  // could not be looked at, and the detail says why
    warning,  // works, and may not do so for ever
    bad,
    unreachable  // a dependency does not answer
  };
  std::string check;  // "postgres.fsync"
  State state = State::good;
  std::string detail;
};

using Findings = std::vector<Finding>;

}  // namespace fechatter::server
