#pragma once

#include <chrono>
#include <deque>
#include <unordered_map>
#include <vector>

#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/postgres/membership_reads.hpp"

namespace fechatter::notify {

class Connection;

using SteadyTime = std::chrono::steady_clock::time_point;

// A chat that a user is in, as of that event: changes that are not newer change nothing.
struct ChatSeat {
  ChatId chat_id;
  EventId as_of;
};

struct MemberChange {
  enum class Kind { added, removed };
  Kind kind = Kind::added;
  ChatId chat_id;
  EventId event_id;
};

// Somebody with a connection to this shard, or who had one a short while ago.
struct User {
  enum class State { unknown, loading, known };

  UserId id;
  WorkspaceId workspace_id;
  State state = State::unknown;
  bool reading = false;                  // the database is being asked, also while known
  std::vector<ChatSeat> chats;           // sorted by chat; true while known
  std::vector<Connection*> connections;  // oldest first
  std::vector<MemberChange> noted;       // while reading
  std::uint64_t told = 0;                // the last event told, so that nobody is told twice
  SteadyTime alone_since;                // when the last connection closed

  bool is_member(ChatId chat) const;
};

// Who is in which chat, for the users of one shard: filled when a user joins, kept true by events,
// forgotten some minutes after the user's last connection. Knows nothing of connections but their
// number. One thread. Users stay where they are until they are forgotten.
class Membership {
 public:
  User& enter(UserId user, WorkspaceId workspace);
  User* find(UserId user);

  // From here until finish_reading, changes that concern the user are noted. The notes live as long
  // as one read of the database. Somebody who is known stays so, for what they hear meanwhile.
  void begin_reading(User& user);
  // What the database said, then the notes that are newer than it.
  void finish_reading(User& user, std::vector<ChatSeat> chats);
  // Nobody is what the maps say: those with connections become unknown, the others are forgotten.
  void unlearn();
  // Those who are known and have connections; the others who are known are forgotten.
  std::vector<User*> keep_connected();

  void add(ChatId chat, const std::vector<UserId>& users, EventId event);
  void remove(ChatId chat, const std::vector<UserId>& users, EventId event);
  void remove_chat(ChatId chat, EventId event);

  // Those who are known.
  const std::vector<User*>& members(ChatId chat) const;
  const std::vector<User*>& of_workspace(WorkspaceId workspace) const;
  template <class Visit>
  void for_each_chat(Visit visit) const {
    for (const auto& [chat, users] : members_) visit(chat, users);
  }

  // The user's last connection has closed.
  void left_alone(User& user, SteadyTime now);
  // Forgets those who have been alone since before `limit`, `max` of them at most.
  void forget_alone(SteadyTime limit, std::size_t max);
  std::size_t users() const { return users_.size(); }

 private:
  void apply(User& user, const MemberChange& change);
  void seat(User& user, ChatId chat, EventId event);
  void unseat(User& user, ChatId chat);
  void unseat_everywhere(User& user);
  void forget(User& user);

  std::unordered_map<UserId, User> users_;
  std::unordered_map<ChatId, std::vector<User*>> members_;
  std::unordered_map<WorkspaceId, std::vector<User*>> workspaces_;
  std::vector<User*> reading_;
  std::deque<std::pair<SteadyTime, UserId>> alone_;  // in the order of time
};

}  // namespace fechatter::notify
