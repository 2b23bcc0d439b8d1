#include "notify_server/membership/membership.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

const std::vector<User*> nobody;

template <class Seats>
auto find_seat(Seats& chats, ChatId chat) {
  return std::lower_bound(chats.begin(), chats.end(), chat,
                          [](const ChatSeat& seat, ChatId id) { return seat.chat_id < id; });
}

void swap_out(std::vector<User*>& users, const User* user) {
  const auto found = std::find(users.begin(), users.end(), user);
  if (found == users.end()) return;
  *found = users.back();
  users.pop_back();
}

template <class Map>
void swap_out_of(Map& map, typename Map::key_type key, const User* user) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  swap_out(found->second, user);
  if (found->second.empty()) map.erase(found);
}

template <class Map>
const std::vector<User*>& list_of(const Map& map, typename Map::key_type key) {
  const auto found = map.find(key);
  return found == map.end() ? nobody : found->second;
}

}  // namespace

bool User::is_member(ChatId chat) const {
  const auto seat = find_seat(chats, chat);
  return seat != chats.end() && seat->chat_id == chat;
}

User& Membership::enter(UserId id, WorkspaceId workspace) {
  const auto [entry, fresh] = users_.try_emplace(id);
  User& user = entry->second;
  if (fresh) {
    user.id = id;
    user.workspace_id = workspace;
  }
  return user;
}

User* Membership::find(UserId id) {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

void Membership::begin_reading(User& user) {
  if (user.state == User::State::unknown) user.state = User::State::loading;
  user.noted.clear();
  if (!std::exchange(user.reading, true)) reading_.push_back(&user);
}

void Membership::finish_reading(User& user, std::vector<ChatSeat> chats) {
  swap_out(reading_, &user);
  user.reading = false;
  unseat_everywhere(user);
  user.state = User::State::known;
  workspaces_[user.workspace_id].push_back(&user);
  std::sort(chats.begin(), chats.end(),
            [](const ChatSeat& a, const ChatSeat& b) { return a.chat_id < b.chat_id; });
  user.chats = std::move(chats);
  for (const auto& seat : user.chats) members_[seat.chat_id].push_back(&user);
  for (const auto& change : std::exchange(user.noted, {})) apply(user, change);
}

void Membership::add(ChatId chat, const std::vector<UserId>& users, EventId event) {
  for (const auto id : users) {
    if (auto* user = find(id)) apply(*user, {MemberChange::Kind::added, chat, event});
  }
}

void Membership::remove(ChatId chat, const std::vector<UserId>& users, EventId event) {
  for (const auto id : users) {
    if (auto* user = find(id)) apply(*user, {MemberChange::Kind::removed, chat, event});
  }
}

void Membership::remove_chat(ChatId chat, EventId event) {
  const MemberChange change{MemberChange::Kind::removed, chat, event};
  const auto members = list_of(members_, chat);
  for (auto* user : members) apply(*user, change);
  for (auto* user : reading_) apply(*user, change);
}

const std::vector<User*>& Membership::members(ChatId chat) const {
  return list_of(members_, chat);
}

const std::vector<User*>& Membership::of_workspace(WorkspaceId workspace) const {
  return list_of(workspaces_, workspace);
}

void Membership::left_alone(User& user, SteadyTime now) {
  user.alone_since = now;
  alone_.emplace_back(now, user.id);
}

void Membership::forget_alone(SteadyTime limit, std::size_t max) {
  for (; max > 0 && !alone_.empty() && alone_.front().first <= limit; --max) {
    const auto [since, id] = alone_.front();
    alone_.pop_front();
    auto* user = find(id);
    // Whoever came back in the meantime, or left again later, has a later entry or none.
    if (!user || !user->connections.empty() || user->alone_since != since) continue;
    if (user->reading) {
      alone_.emplace_back(since, id);  // until what is being read for them has come
    } else {
      forget(*user);
    }
  }
}

void Membership::unlearn() {
  members_.clear();
  workspaces_.clear();
  reading_.clear();
  std::erase_if(users_, [](const auto& entry) { return entry.second.connections.empty(); });
  for (auto& [id, user] : users_) {
    user.state = User::State::unknown;
    user.reading = false;
    user.chats.clear();
    user.noted.clear();
  }
}

std::vector<User*> Membership::keep_connected() {
  std::vector<User*> connected;
  std::vector<User*> alone;
  for (auto& [id, user] : users_) {
    if (user.state != User::State::known) continue;
    if (!user.connections.empty()) {
      connected.push_back(&user);
    } else if (!user.reading) {
      alone.push_back(&user);
    }
  }
  for (auto* user : alone) forget(*user);
  return connected;
}

void Membership::apply(User& user, const MemberChange& change) {
  if (user.reading) user.noted.push_back(change);
  if (user.state != User::State::known) return;
  const auto seat_now = find_seat(user.chats, change.chat_id);
  const bool seated = seat_now != user.chats.end() && seat_now->chat_id == change.chat_id;
  if (seated && change.event_id <= seat_now->as_of) return;
  if (change.kind == MemberChange::Kind::removed) {
    if (seated) unseat(user, change.chat_id);
  } else if (seated) {
    seat_now->as_of = change.event_id;
  } else {
    seat(user, change.chat_id, change.event_id);
  }
}

void Membership::seat(User& user, ChatId chat, EventId event) {
  user.chats.insert(find_seat(user.chats, chat), ChatSeat{chat, event});
  members_[chat].push_back(&user);
}

void Membership::unseat(User& user, ChatId chat) {
  user.chats.erase(find_seat(user.chats, chat));
  swap_out_of(members_, chat, &user);
}

void Membership::unseat_everywhere(User& user) {
  for (const auto& seat : user.chats) swap_out_of(members_, seat.chat_id, &user);
  swap_out_of(workspaces_, user.workspace_id, &user);
  user.chats.clear();
}

void Membership::forget(User& user) {
  unseat_everywhere(user);
  users_.erase(user.id);
}

}  // namespace fechatter::notify
