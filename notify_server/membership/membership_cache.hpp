#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "notify_server/membership/cached_user.hpp"

namespace fechatter::notify {

// The chats of one shard's users: read from the database when a user connects, kept current by
// events, evicted some minutes after the user's last connection closed. Of connections it needs the
// number only. One thread. References to users stay valid until the user is evicted.
class MembershipCache {
 public:
  CachedUser& find_or_add(UserId user, WorkspaceId workspace);
  CachedUser* find(UserId user);

  // From here until finish_read, changes of the user's memberships are recorded; the records live
  // as long as one read of the database. A user who is known stays known meanwhile.
  void begin_read(CachedUser& user);
  // Applies the rows of the database, then the recorded changes that are newer than the rows.
  void finish_read(CachedUser& user, std::vector<ChatMembership> chats);
  // All memberships are stale: users with connections become unknown, the others are evicted.
  void invalidate();
  // The known users with connections; known users without are evicted.
  std::vector<CachedUser*> retain_connected();

  void add(ChatId chat, const std::vector<UserId>& users, EventId event);
  void remove(ChatId chat, const std::vector<UserId>& users, EventId event);
  // The chat is deleted: its members are former ones until it is restored.
  void end_chat(ChatId chat, EventId event);
  void restore_chat(ChatId chat, EventId event);

  // The known ones.
  const std::vector<CachedUser*>& members(ChatId chat) const;
  // Whether the chat was beyond the fan-out member limit when a user's memberships were last read:
  // what it has grown or shrunk since is seen when the next member connects.
  bool is_large(ChatId chat) const { return large_.contains(chat); }
  // Of a deleted chat, those at its deletion.
  const std::vector<CachedUser*>& former_members(ChatId chat) const;
  const std::vector<CachedUser*>& of_workspace(WorkspaceId workspace) const;
  // The chats with a known member who has a connection.
  std::vector<ChatId> active_chats() const;

  // The user's last connection has closed.
  void mark_idle(CachedUser& user, SteadyTime now);
  // Evicts the users who have been idle since before `limit`, `max` of them at most.
  void evict_idle(SteadyTime limit, std::size_t max);
  std::size_t users() const { return users_.size(); }

 private:
  using UsersOfChats = std::unordered_map<ChatId, std::vector<CachedUser*>>;

  void apply(CachedUser& user, const MemberChange& change);
  void apply_to_all(const UsersOfChats& users, const MemberChange& change);
  void add_member(CachedUser& user, ChatId chat, EventId event);
  void set_ended(CachedUser& user, ChatMembership& membership, bool ended);
  UsersOfChats& list_for(const ChatMembership& membership);
  void remove_member(CachedUser& user, ChatId chat);
  void remove_from_list(CachedUser& user, const ChatMembership& membership);
  void remove_from_all(CachedUser& user);
  void evict(CachedUser& user);

  std::unordered_map<UserId, CachedUser> users_;
  UsersOfChats members_;
  UsersOfChats former_members_;  // of deleted chats
  std::unordered_map<WorkspaceId, std::vector<CachedUser*>> workspaces_;
  std::unordered_set<ChatId> large_;  // with a known member
  std::vector<CachedUser*> reading_;
  std::deque<std::pair<SteadyTime, UserId>> idle_;  // in the order of time
};

}  // namespace fechatter::notify
