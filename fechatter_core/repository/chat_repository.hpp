#pragma once

#include <optional>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/chat.hpp"

namespace fechatter {

struct CreatedChat {
  ChatId id;
  bool existed = false;                  // a Single that was there already
  std::vector<UserId> not_in_workspace;  // not empty: nothing was made
};

// What became of a change. Only `done` changed anything.
enum class ChatOutcome {
  done,
  not_found,  // no such chat, or the caller is no member of it
  forbidden,  // a member whose role does not allow it
  single,     // a Single's two people never change
  owner,      // the owner cannot go, or step down, without handing over
  group_minimum,
  full,
  not_public,
  no_such_member,
  suspended,        // who is to become the owner
  unknown_members,  // somebody is no active user of the workspace
};

struct ChangedChat {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::optional<Chat> chat;  // when done
};

struct AddedMembers {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::vector<ChatMember> members;  // when done: who was no member before
  std::vector<UserId> offenders;    // when unknown_members
};

struct ChangedMember {
  ChatOutcome outcome = ChatOutcome::not_found;
  std::optional<ChatMember> member;  // when done
};

// Chats as their members see them: every look-up is scoped to workspace and membership, and what
// the caller may not see is simply not found. Every change is durable with its events when it
// returns, and throws chat_busy when the chat stays locked for 2 s. As UserRepository in errors and
// threads.
class ChatRepository {
 public:
  virtual ~ChatRepository() = default;

  // REQUIRES: the draft keeps the rules of its type. Throws chat_name_taken.
  virtual awaitable<CreatedChat> create(WorkspaceId workspace, UserId creator, ChatDraft draft) = 0;

  virtual awaitable<std::optional<Chat>> find(WorkspaceId workspace, UserId member,
                                              ChatId chat) = 0;

  // The most recently active first; one statement whatever their number. At most 1,000.
  virtual awaitable<std::vector<ChatSummary>> list_of(WorkspaceId workspace, UserId member) = 0;

  // The workspace's public channels whose name or description has `part` in it (all when empty,
  // case does not count), in the order of their ids, beginning after `after`.
  virtual awaitable<std::vector<PublicChannel>> list_public(WorkspaceId workspace, UserId caller,
                                                            std::string part, ChatId after,
                                                            std::int64_t limit) = 0;

  // For owners and admins of the chat. Throws chat_name_taken.
  virtual awaitable<ChangedChat> update(WorkspaceId workspace, UserId caller, ChatId chat,
                                        ChatPatch patch) = 0;
  // For its owner. The chat is gone at once; its messages are removed afterwards, in slices.
  virtual awaitable<ChatOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat) = 0;
};

class ChatMemberRepository {
 public:
  virtual ~ChatMemberRepository() = default;

  // In the order of their ids, beginning after `after`. Nothing when `member` is not one of them.
  virtual awaitable<std::optional<std::vector<ChatMember>>> list(WorkspaceId workspace,
                                                                 UserId member, ChatId chat,
                                                                 UserId after,
                                                                 std::int64_t limit) = 0;

  // All or none, for owners and admins of the chat.
  virtual awaitable<AddedMembers> add(WorkspaceId workspace, UserId caller, ChatId chat,
                                      std::vector<UserId> users) = 0;
  // The same; who is no member is passed over.
  virtual awaitable<ChatOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat,
                                        std::vector<UserId> users) = 0;
  // For the owner. The role `owner` hands the chat over; the caller stays as an admin.
  virtual awaitable<ChangedMember> set_role(WorkspaceId workspace, UserId caller, ChatId chat,
                                            UserId member, ChatRole role) = 0;
  // A public channel; a member already: done, and nobody is told.
  virtual awaitable<ChangedChat> join(WorkspaceId workspace, UserId caller, ChatId chat) = 0;
  virtual awaitable<ChatOutcome> leave(WorkspaceId workspace, UserId caller, ChatId chat) = 0;
};

}  // namespace fechatter
