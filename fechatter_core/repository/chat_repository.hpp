#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/pace.hpp"

namespace fechatter {

// The outcome of a change. Only `done` changed anything.
enum class ChatOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  forbidden,  // the caller's standing does not allow it
  single,     // the two members of a Single never change
  owner,      // the owner leaves or steps down only after handing over
  group_minimum,
  full,
  not_public,
  no_such_member,
  suspended,        // the designated owner
  unknown_members,  // no active users of the workspace
  blocked,          // by a user that was to be added
  name_taken,       // by a public channel
  chats_of_today,   // the caller has made as many chats today as a user may
  people_of_today,  // and has added as many people
  active,           // the owner of the chats to take over is not suspended
};

struct CreatedChat {
  ChatOutcome outcome = ChatOutcome::not_found;
  ChatId id;                      // when done
  bool existed = false;           // a Single that these two members have already
  std::vector<UserId> offenders;  // when unknown_members or blocked
};

struct ChangedChat {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::optional<Chat> chat;  // when done
};

inline bool wrote_event(const CreatedChat& created) {
  return created.outcome == ChatOutcome::done && !created.existed;
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

  // REQUIRES: the draft satisfies the rules of its type.
  virtual awaitable<CreatedChat> create(Caller creator, ChatDraft draft) = 0;

  virtual awaitable<std::optional<Chat>> find(Caller caller, ChatId chat) = 0;

  // The caller's chats, the most recently active first, without those that the caller hides; a page
  // ends before it has 4 MiB. One statement, unless there are none; for a pace with parts, one for
  // a hundred chats.
  virtual awaitable<ChatList> list(Caller caller, ChatPage page, Pace& pace) = 0;

  // The workspace's public channels, archived or not, whose name, topic or description contains
  // `part`, a key of text/name.hpp (empty: all), by id, beginning after `after`.
  virtual awaitable<std::vector<PublicChannel>> list_public(Caller caller, std::string part,
                                                            ChatId after, std::int64_t limit,
                                                            bool archived) = 0;

  // For owners and admins of the chat; of a public channel also for those of the workspace.
  virtual awaitable<ChangedChat> update(Caller caller, ChatId chat, ChatPatch patch) = 0;
  // Both for the same people.
  virtual awaitable<ChangedChat> set(Caller caller, ChatId chat, ChatSettings settings) = 0;
  // Archives the chat, or restores it.
  virtual awaitable<ChangedChat> archive(Caller caller, ChatId chat, bool archived) = 0;
  // For the chat's owner. The chat disappears at once; Cleanup erases it when it cannot be
  // restored any more. A Single is hidden from the caller's list until its next message.
  virtual awaitable<ChatOutcome> remove(Caller caller, ChatId chat) = 0;
  // For owners and admins of the workspace, as long as the deleted chat is kept. A taken name gets
  // a number behind it.
  virtual awaitable<ChangedChat> restore(AuditedCaller by, ChatId chat) = 0;
};

}  // namespace fechatter
