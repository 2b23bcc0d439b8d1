#include "tests/chaos/archived_periods.hpp"

#include <algorithm>

namespace fechatter::chaos {

ArchivedPeriods::ArchivedPeriods(const FinalState& final_state) {
  for (const auto& event : final_state.events) {
    auto& periods = periods_[event.chat];
    const bool archived = !periods.empty() && !periods.back().over();
    if (event.type == chat_archived && !archived) {
      periods.push_back({event.id, Period{}.until, event.created, Period{}.until_at});
    } else if (event.type == chat_restored && archived) {
      periods.back().until = event.id;
      periods.back().until_at = event.created;
    }
  }
}

const std::vector<Period>& ArchivedPeriods::of(std::int64_t chat) const {
  static const std::vector<Period> none;
  const auto found = periods_.find(chat);
  return found == periods_.end() ? none : found->second;
}

bool ArchivedPeriods::overlap(std::int64_t chat, Micros begin, Micros end) const {
  const auto& all = of(chat);
  return std::any_of(all.begin(), all.end(),
                     [begin, end](const Period& period) { return period.overlaps(begin, end); });
}

}  // namespace fechatter::chaos
