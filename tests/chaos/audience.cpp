#include "tests/chaos/audience.hpp"

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

Audience::Audience(const FinalState& final_state) {
  for (const auto& event : final_state.events) {
    by_id_[event.id] = &event;
    by_chat_[event.chat].push_back(&event);
    for (const auto person : event.added) {
      auto& stays = stays_[{person, event.chat}];
      if (stays.empty()) chats_[person].push_back(event.chat);
      stays.push_back({event.id, Stay{}.until, event.created, Stay{}.until_at});
    }
    for (const auto person : event.removed) {
      auto& stays = stays_[{person, event.chat}];
      if (stays.empty() || stays.back().over()) continue;
      stays.back().until = event.id;
      stays.back().until_at = event.created;
    }
  }
}

const StoredEvent* Audience::find(std::int64_t event) const {
  return found_or_empty(by_id_, event);
}

const std::vector<const StoredEvent*>& Audience::events_of(std::int64_t chat) const {
  return found_or_empty(by_chat_, chat);
}

const std::vector<Stay>& Audience::stays(std::int64_t person, std::int64_t chat) const {
  return found_or_empty(stays_, std::pair{person, chat});
}

const std::vector<std::int64_t>& Audience::chats_of(std::int64_t person) const {
  return found_or_empty(chats_, person);
}

const Stay* Audience::stay_at(std::int64_t person, const StoredEvent& event) const {
  for (const auto& stay : stays(person, event.chat)) {
    if (stay.covers(event.id)) return &stay;
  }
  return nullptr;
}

bool Audience::names(const StoredEvent& event, std::int64_t person) {
  return has(event.users, person) || has(event.added, person) || has(event.removed, person);
}

bool Audience::must_see(std::int64_t person, const StoredEvent& event) const {
  return names(event, person) || (event.to_chat && stay_at(person, event));
}

bool Audience::may_see(std::int64_t person, const StoredEvent& event, Micros at) const {
  if (must_see(person, event)) return true;
  const auto& all = stays(person, event.chat);
  return event.to_chat && std::any_of(all.begin(), all.end(), [&](const Stay& stay) {
           return stay.from > event.id && stay.from_at <= at;
         });
}

}  // namespace fechatter::chaos
