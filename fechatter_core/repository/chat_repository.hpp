#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"

namespace fechatter {

struct CreatedChat {
  ChatId id;
  bool existed = false;                  // a Single that these two members have already
  std::vector<UserId> not_in_workspace;  // not empty: nothing was created
};

// The outcome of a change. Only `done` changed anything.
enum class ChatOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  forbidden,  // the caller's role in the chat does not allow it
  single,     // the two members of a Single never change
  owner,      // the owner leaves or steps down only after handing over
  group_minimum,
  full,
  not_public,
  no_such_member,
  suspended,        // the designated owner
  unknown_members,  // no active users of the workspace
};

struct ChangedChat {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::optional<Chat> chat;  // when done
};

inline bool wrote_event(const CreatedChat& created) {
  return created.not_in_workspace.empty() && !created.existed;
}
inline bool wrote_event(ChatOutcome outcome) {
  return outcome == ChatOutcome::done;
}
inline bool wrote_event(const ChangedChat& changed) {
  return wrote_event(changed.outcome);
}

// Chats. Every statement begins at the caller's membership in the caller's workspace: a chat that
// the caller may not see is not found. A change throws chat_busy when the chat stays locked for
// 2 s. Threads and other errors as described at UserRepository (repository/user_repository.hpp).
class ChatRepository {
 public:
  virtual ~ChatRepository() = default;

  // REQUIRES: the draft satisfies the rules of its type. Throws chat_name_taken.
  virtual awaitable<CreatedChat> create(Caller creator, ChatDraft draft) = 0;

  virtual awaitable<std::optional<Chat>> find(Caller caller, ChatId chat) = 0;

  // The caller's chats, the most recently active first; a page ends before it has 4 MiB. One
  // statement.
  virtual awaitable<ChatList> list(Caller caller, ChatPage page) = 0;

  // The workspace's public channels whose name or description contains `part` (case-insensitive;
  // empty: all), by id, beginning after `after`.
  virtual awaitable<std::vector<PublicChannel>> list_public(Caller caller, std::string part,
                                                            ChatId after, std::int64_t limit) = 0;

  // For owners and admins of the chat. Throws chat_name_taken.
  virtual awaitable<ChangedChat> update(Caller caller, ChatId chat, ChatPatch patch) = 0;
  // For the chat's owner. The chat disappears at once; ChatCleanup removes its messages later.
  virtual awaitable<ChatOutcome> remove(Caller caller, ChatId chat) = 0;
};

}  // namespace fechatter
