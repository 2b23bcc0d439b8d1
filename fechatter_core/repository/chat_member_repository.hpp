#pragma once

#include <optional>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

namespace fechatter {

struct AddedMembers {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::vector<ChatMember> members;  // when done: without those who were members before
  std::vector<UserId> offenders;    // when unknown_members or blocked
};

struct ChangedMember {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::optional<ChatMember> member;  // when done
};

struct TakenChats {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::vector<Chat> chats;  // when done
};

inline bool wrote_event(const AddedMembers& added) {
  return wrote_event(added.outcome);
}
inline bool wrote_event(const ChangedMember& changed) {
  return wrote_event(changed.outcome);
}
inline bool wrote_event(const TakenChats& taken) {
  return !taken.chats.empty();
}

// The members of chats. Visibility, threads and errors as described at ChatRepository.
class ChatMemberRepository {
 public:
  virtual ~ChatMemberRepository() = default;

  // By user id, beginning after `after`. Nullopt: the caller is no member.
  virtual awaitable<std::optional<std::vector<ChatMember>>> list(Caller caller, ChatId chat,
                                                                 UserId after,
                                                                 std::int64_t limit) = 0;

  // All or none, for owners and admins of the chat.
  virtual awaitable<AddedMembers> add(Caller caller, ChatId chat, std::vector<UserId> users) = 0;
  // For owners and admins of the chat; of a public channel also for those of the workspace.
  // Non-members among `users` are ignored.
  virtual awaitable<ChatOutcome> remove(Caller caller, ChatId chat, std::vector<UserId> users) = 0;
  // For the owner. The role `owner` hands the chat over; the caller stays as an admin. An owner or
  // admin of the workspace takes over a chat with a suspended owner by naming itself.
  virtual awaitable<ChangedMember> set_role(Caller caller, ChatId chat, UserId member,
                                            ChatRole role) = 0;
  // Of a public channel. For a member already: done, without an event.
  virtual awaitable<ChangedChat> join(Caller caller, ChatId chat) = 0;
  virtual awaitable<ChatOutcome> leave(Caller caller, ChatId chat) = 0;
  // For owners and admins of the workspace: the chats of a suspended user become the caller's, at
  // most 100 at once.
  virtual awaitable<TakenChats> take_over(AuditedCaller by, UserId owner) = 0;
};

}  // namespace fechatter
