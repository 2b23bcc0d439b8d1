#pragma once

#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/chaos/history.hpp"

namespace fechatter::chaos {

// A membership in a chat, by the ids and moments of the events that began and ended it.
struct Membership {
  std::int64_t from = 0;
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
  Micros from_at = 0;
  Micros until_at = std::numeric_limits<Micros>::max();

  bool over() const { return until != std::numeric_limits<std::int64_t>::max(); }
  bool covers(std::int64_t event) const { return from < event && event < until; }
};

// The audience of each event, derived from the events in the database. REQUIRES: the events outlive
// this object.
class ExpectedAudience {
 public:
  explicit ExpectedAudience(const FinalState& final_state);

  const StoredEvent* find(std::int64_t event) const;
  // By id, which is the order within a chat.
  const std::vector<const StoredEvent*>& events_of(std::int64_t chat) const;
  const std::vector<Membership>& memberships(std::int64_t person, std::int64_t chat) const;
  // The membership during which the event happened, or null.
  const Membership* membership_at(std::int64_t person, const StoredEvent& event) const;

  // The event names the person: that person is entitled to it, as a member or not.
  static bool names(const StoredEvent& event, std::int64_t person);
  bool must_see(std::int64_t person, const StoredEvent& event) const;
  // As must_see, and also true for a person that joined between the event and its delivery at `at`:
  // a new member may get earlier events.
  bool may_see(std::int64_t person, const StoredEvent& event, Micros at) const;
  // All chats of which the person was ever a member.
  const std::vector<std::int64_t>& chats_of(std::int64_t person) const;

 private:
  std::unordered_map<std::int64_t, const StoredEvent*> by_id_;
  std::unordered_map<std::int64_t, std::vector<const StoredEvent*>> by_chat_;
  // By person and chat.
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Membership>> memberships_;
  // By person.
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> chats_;
};

}  // namespace fechatter::chaos
