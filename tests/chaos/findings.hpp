#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

// Collects violations: the first ten of each invariant, and the count of the others.
class Findings {
 public:
  template <class... Args>
  void add(const std::string& invariant, fmt::format_string<Args...> format, Args&&... args) {
    if (++counts_[invariant] <= shown_max) {
      found_.push_back({invariant, fmt::format(format, std::forward<Args>(args)...)});
    }
  }

  std::vector<Violation> take() {
    for (const auto& [invariant, count] : counts_) {
      if (count > shown_max) {
        found_.push_back({invariant, fmt::format("and {} more", count - shown_max)});
      }
    }
    return std::move(found_);
  }

 private:
  static constexpr int shown_max = 10;

  std::map<std::string, int> counts_;
  std::vector<Violation> found_;
};

}  // namespace fechatter::chaos
