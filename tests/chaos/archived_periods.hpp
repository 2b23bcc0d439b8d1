#pragma once

#include <unordered_map>
#include <vector>

#include "tests/chaos/period.hpp"

namespace fechatter::chaos {

inline constexpr const char* chat_archived = "ChatArchived";
inline constexpr const char* chat_restored = "ChatRestored";

// The times at which chats were archived, by their events.
class ArchivedPeriods {
 public:
  explicit ArchivedPeriods(const FinalState& final_state);

  const std::vector<Period>& of(std::int64_t chat) const;
  // Whether the chat was archived at any moment of that time.
  bool overlap(std::int64_t chat, Micros begin, Micros end) const;

 private:
  std::unordered_map<std::int64_t, std::vector<Period>> periods_;  // by chat
};

}  // namespace fechatter::chaos
