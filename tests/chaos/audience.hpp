#pragma once

#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/chaos/history.hpp"

namespace fechatter::chaos {

// Time in a chat, by the ids and moments of the events that began and ended it.
struct Stay {
  std::int64_t from = 0;
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
  Micros from_at = 0;
  Micros until_at = std::numeric_limits<Micros>::max();

  bool over() const { return until != std::numeric_limits<std::int64_t>::max(); }
  bool covers(std::int64_t event) const { return from < event && event < until; }
};

// Who was to see what, as the events in the database have it. REQUIRES: the events outlive it.
class Audience {
 public:
  explicit Audience(const FinalState& final_state);

  const StoredEvent* find(std::int64_t event) const;
  // In the order of their ids, which is the chat's order.
  const std::vector<const StoredEvent*>& events_of(std::int64_t chat) const;
  const std::vector<Stay>& stays(std::int64_t person, std::int64_t chat) const;
  // The stay an event of the chat falls into.
  const Stay* stay_at(std::int64_t person, const StoredEvent& event) const;

  // Named by the event itself: told whether member or not.
  static bool names(const StoredEvent& event, std::int64_t person);
  bool must_see(std::int64_t person, const StoredEvent& event) const;
  // As must_see, or a member since, by the moment it was seen: who comes later may see earlier
  // ones.
  bool may_see(std::int64_t person, const StoredEvent& event, Micros at) const;
  // Chats that the person was ever in.
  const std::vector<std::int64_t>& chats_of(std::int64_t person) const;

 private:
  std::unordered_map<std::int64_t, const StoredEvent*> by_id_;
  std::unordered_map<std::int64_t, std::vector<const StoredEvent*>> by_chat_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Stay>> stays_;  // person, chat
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> chats_;         // by person
};

}  // namespace fechatter::chaos
