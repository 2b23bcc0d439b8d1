#include "tests/chaos/checker.hpp"

namespace fechatter::chaos {

std::vector<Violation> check(const Histories& histories, const FinalState& final_state) {
  std::vector<Violation> all;
  for (auto* one : {check_messages, check_changes, check_archives, check_scheduled, check_drafts,
                    check_files, check_ephemerals, check_subscribers}) {
    auto found = one(histories, final_state);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace fechatter::chaos
