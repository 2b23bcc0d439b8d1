#include "notify_server/membership/membership_cache.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::notify {
namespace {

const std::vector<CachedUser*> no_users;

void swap_out(std::vector<CachedUser*>& users, const CachedUser* user) {
  const auto found = std::find(users.begin(), users.end(), user);
  if (found == users.end()) return;
  *found = users.back();
  users.pop_back();
}

template <class Map>
void swap_out_of(Map& map, typename Map::key_type key, const CachedUser* user) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  swap_out(found->second, user);
  if (found->second.empty()) map.erase(found);
}

template <class Map>
const std::vector<CachedUser*>& list_of(const Map& map, typename Map::key_type key) {
  const auto found = map.find(key);
  return found == map.end() ? no_users : found->second;
}

}  // namespace

CachedUser& MembershipCache::find_or_add(UserId id, WorkspaceId workspace) {
  const auto [entry, fresh] = users_.try_emplace(id);
  CachedUser& user = entry->second;
  if (fresh) {
    user.id = id;
    user.workspace_id = workspace;
  }
  return user;
}

CachedUser* MembershipCache::find(UserId id) {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

void MembershipCache::begin_read(CachedUser& user) {
  if (user.state == CachedUser::State::unknown) user.state = CachedUser::State::loading;
  user.changes.clear();
  if (!std::exchange(user.reading, true)) reading_.push_back(&user);
}

void MembershipCache::finish_read(CachedUser& user, std::vector<ChatMembership> chats) {
  swap_out(reading_, &user);
  user.reading = false;
  remove_from_all(user);
  user.state = CachedUser::State::known;
  workspaces_[user.workspace_id].push_back(&user);
  std::ranges::sort(chats, {}, &ChatMembership::chat_id);
  user.chats = std::move(chats);
  for (const auto& membership : user.chats) {
    list_for(membership)[membership.chat_id].push_back(&user);
    if (membership.large) {
      large_.insert(membership.chat_id);
    } else if (!large_.empty()) {
      large_.erase(membership.chat_id);
    }
  }
  for (const auto& change : std::exchange(user.changes, {})) apply(user, change);
}

void MembershipCache::add(ChatId chat, const std::vector<UserId>& users, EventId event) {
  for (const auto id : users) {
    if (auto* user = find(id)) apply(*user, {MemberChange::Kind::added, chat, event});
  }
}

void MembershipCache::remove(ChatId chat, const std::vector<UserId>& users, EventId event) {
  for (const auto id : users) {
    if (auto* user = find(id)) apply(*user, {MemberChange::Kind::removed, chat, event});
  }
}

void MembershipCache::end_chat(ChatId chat, EventId event) {
  apply_to_all(members_, {MemberChange::Kind::ended, chat, event});
}

void MembershipCache::restore_chat(ChatId chat, EventId event) {
  apply_to_all(former_members_, {MemberChange::Kind::restored, chat, event});
}

void MembershipCache::apply_to_all(const UsersOfChats& users, const MemberChange& change) {
  const auto list = list_of(users, change.chat_id);
  for (auto* user : list) apply(*user, change);
  for (auto* user : reading_) apply(*user, change);
}

const std::vector<CachedUser*>& MembershipCache::members(ChatId chat) const {
  return list_of(members_, chat);
}

const std::vector<CachedUser*>& MembershipCache::former_members(ChatId chat) const {
  return list_of(former_members_, chat);
}

const std::vector<CachedUser*>& MembershipCache::of_workspace(WorkspaceId workspace) const {
  return list_of(workspaces_, workspace);
}

std::vector<ChatId> MembershipCache::active_chats() const {
  std::vector<ChatId> chats;
  for (const auto& [chat, users] : members_) {
    const auto is_online = [](const CachedUser* user) { return !user->connections.empty(); };
    if (std::any_of(users.begin(), users.end(), is_online)) chats.push_back(chat);
  }
  return chats;
}

void MembershipCache::mark_idle(CachedUser& user, SteadyTime now) {
  user.idle_since = now;
  idle_.emplace_back(now, user.id);
}

void MembershipCache::evict_idle(SteadyTime limit, std::size_t max) {
  for (; max > 0 && !idle_.empty() && idle_.front().first <= limit; --max) {
    const auto [since, id] = idle_.front();
    idle_.pop_front();
    auto* user = find(id);
    // A user who has reconnected since, or became idle again, has no entry or a later one.
    if (!user || !user->connections.empty() || user->idle_since != since) continue;
    if (user->reading) {
      idle_.emplace_back(since, id);  // until the read is finished
    } else {
      evict(*user);
    }
  }
}

void MembershipCache::invalidate() {
  members_.clear();
  large_.clear();
  former_members_.clear();
  workspaces_.clear();
  reading_.clear();
  std::erase_if(users_, [](const auto& entry) { return entry.second.connections.empty(); });
  for (auto& [id, user] : users_) {
    user.state = CachedUser::State::unknown;
    user.reading = false;
    user.chats.clear();
    user.changes.clear();
  }
}

std::vector<CachedUser*> MembershipCache::retain_connected() {
  std::vector<CachedUser*> connected;
  std::vector<CachedUser*> idle;
  for (auto& [id, user] : users_) {
    if (user.state != CachedUser::State::known) continue;
    if (!user.connections.empty()) {
      connected.push_back(&user);
    } else if (!user.reading) {
      idle.push_back(&user);
    }
  }
  for (auto* user : idle) evict(*user);
  return connected;
}

void MembershipCache::apply(CachedUser& user, const MemberChange& change) {
  if (user.reading) user.changes.push_back(change);
  if (user.state != CachedUser::State::known) return;
  const auto current =
      std::ranges::lower_bound(user.chats, change.chat_id, {}, &ChatMembership::chat_id);
  const bool found = current != user.chats.end() && current->chat_id == change.chat_id;
  if (!found) {
    if (change.kind == MemberChange::Kind::added) {
      add_member(user, change.chat_id, change.event_id);
    }
    return;
  }
  if (change.event_id <= current->as_of) return;
  if (change.kind == MemberChange::Kind::removed) return remove_member(user, change.chat_id);
  current->as_of = change.event_id;
  set_ended(user, *current, change.kind == MemberChange::Kind::ended);
}

void MembershipCache::set_ended(CachedUser& user, ChatMembership& membership, bool ended) {
  if (membership.ended == ended) return;
  remove_from_list(user, membership);
  membership.ended = ended;
  list_for(membership)[membership.chat_id].push_back(&user);
}

MembershipCache::UsersOfChats& MembershipCache::list_for(const ChatMembership& membership) {
  return membership.ended ? former_members_ : members_;
}

void MembershipCache::add_member(CachedUser& user, ChatId chat, EventId event) {
  const auto after = std::ranges::lower_bound(user.chats, chat, {}, &ChatMembership::chat_id);
  user.chats.insert(after, ChatMembership{chat, event});
  members_[chat].push_back(&user);
}

void MembershipCache::remove_member(CachedUser& user, ChatId chat) {
  const auto found = std::ranges::lower_bound(user.chats, chat, {}, &ChatMembership::chat_id);
  remove_from_list(user, *found);
  user.chats.erase(found);
}

void MembershipCache::remove_from_list(CachedUser& user, const ChatMembership& membership) {
  swap_out_of(list_for(membership), membership.chat_id, &user);
  if (!large_.empty() && !members_.contains(membership.chat_id)) large_.erase(membership.chat_id);
}

void MembershipCache::remove_from_all(CachedUser& user) {
  for (const auto& membership : user.chats) remove_from_list(user, membership);
  swap_out_of(workspaces_, user.workspace_id, &user);
  user.chats.clear();
}

void MembershipCache::evict(CachedUser& user) {
  remove_from_all(user);
  users_.erase(user.id);
}

}  // namespace fechatter::notify
