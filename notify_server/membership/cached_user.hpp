#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::notify {

class StreamConnection;

using SteadyTime = std::chrono::steady_clock::time_point;

// A chat that a user is a member of, as of that event: a change with the same or an older event
// has no effect.
struct ChatMembership {
  ChatId chat_id;
  EventId as_of;
  bool ended = false;  // the chat is deleted: only its deletion is for the user
  bool large = false;  // the chat was beyond the fan-out member limit when this was read
};

struct MemberChange {
  enum class Kind { added, removed, ended, restored };
  Kind kind = Kind::added;
  ChatId chat_id;
  EventId event_id;
};

// A user with a connection to this shard, or whose last one closed a short while ago. One thread.
struct CachedUser {
  enum class State { unknown, loading, known };

  UserId id;
  WorkspaceId workspace_id;
  State state = State::unknown;
  bool reading = false;                        // from the database; also possible while known
  std::vector<ChatMembership> chats;           // sorted by chat; valid while known
  std::vector<StreamConnection*> connections;  // oldest first
  std::vector<MemberChange> changes;           // that arrived while reading
  std::uint64_t last_delivery = 0;             // see Recipients: each event once
  SteadyTime idle_since;                       // when the last connection closed

  bool is_member(ChatId chat) const;
  // Is a member, or was one when the chat was deleted.
  bool is_or_was_member(ChatId chat) const;
};

}  // namespace fechatter::notify
