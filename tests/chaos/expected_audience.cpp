#include "tests/chaos/expected_audience.hpp"

#include <algorithm>

namespace fechatter::chaos {
namespace {

bool has(const std::vector<std::int64_t>& people, std::int64_t person) {
  return std::find(people.begin(), people.end(), person) != people.end();
}

template <class Map, class Key>
const typename Map::mapped_type& found_or_empty(const Map& map, const Key& key) {
  static const typename Map::mapped_type empty{};
  const auto found = map.find(key);
  return found == map.end() ? empty : found->second;
}

}  // namespace

ExpectedAudience::ExpectedAudience(const FinalState& final_state) {
  for (const auto& event : final_state.events) {
    by_id_[event.id] = &event;
    if (!is_own(event.type)) {
      by_chat_[event.chat].push_back(&event);
    } else if (event.type != own_read) {
      for (const auto person : event.users) own_[person].push_back(&event);
    }
    for (const auto person : event.added) {
      auto& periods = memberships_[{person, event.chat}];
      if (periods.empty()) chats_[person].push_back(event.chat);
      periods.push_back({event.id, Membership{}.until, event.created, Membership{}.until_at});
    }
    for (const auto person : event.removed) {
      auto& periods = memberships_[{person, event.chat}];
      if (periods.empty() || periods.back().over()) continue;
      periods.back().until = event.id;
      periods.back().until_at = event.created;
    }
  }
}

const StoredEvent* ExpectedAudience::find(std::int64_t event) const {
  return found_or_empty(by_id_, event);
}

const std::vector<const StoredEvent*>& ExpectedAudience::events_of(std::int64_t chat) const {
  return found_or_empty(by_chat_, chat);
}

const std::vector<const StoredEvent*>& ExpectedAudience::own_events_of(std::int64_t person) const {
  return found_or_empty(own_, person);
}

const std::vector<Membership>& ExpectedAudience::memberships(std::int64_t person,
                                                             std::int64_t chat) const {
  return found_or_empty(memberships_, std::pair{person, chat});
}

const std::vector<std::int64_t>& ExpectedAudience::chats_of(std::int64_t person) const {
  return found_or_empty(chats_, person);
}

const Membership* ExpectedAudience::membership_at(std::int64_t person,
                                                  const StoredEvent& event) const {
  for (const auto& period : memberships(person, event.chat)) {
    if (period.covers(event.id)) return &period;
  }
  return nullptr;
}

bool ExpectedAudience::names(const StoredEvent& event, std::int64_t person) {
  return has(event.users, person) || has(event.added, person) || has(event.removed, person);
}

bool ExpectedAudience::must_see(std::int64_t person, const StoredEvent& event) const {
  return names(event, person) || (event.to_chat && membership_at(person, event));
}

bool ExpectedAudience::may_see(std::int64_t person, const StoredEvent& event, Micros at) const {
  if (must_see(person, event)) return true;
  const auto& all = memberships(person, event.chat);
  return event.to_chat && std::any_of(all.begin(), all.end(), [&](const Membership& period) {
           return period.from > event.id && period.from_at <= at;
         });
}

}  // namespace fechatter::chaos
