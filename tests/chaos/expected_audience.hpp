#pragma once

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/chaos/period.hpp"

namespace fechatter::chaos {

using Membership = Period;

// The audience of each event, derived from the events in the database. REQUIRES: the events outlive
// this object.
class ExpectedAudience {
 public:
  explicit ExpectedAudience(const FinalState& final_state);

  const StoredEvent* find(std::int64_t event) const;
  // By id, which is the order within a chat; without those for the own sessions of a user.
  const std::vector<const StoredEvent*>& events_of(std::int64_t chat) const;
  // Those for the person's own sessions, but for MessageRead.
  const std::vector<const StoredEvent*>& own_events_of(std::int64_t person) const;
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
  std::unordered_map<std::int64_t, std::vector<const StoredEvent*>> own_;  // by person
  // By person and chat.
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Membership>> memberships_;
  // By person.
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> chats_;
};

}  // namespace fechatter::chaos
