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

// Chats as their members see them: every look-up is scoped to workspace and membership, and what
// the caller may not see is simply not found. As UserRepository in errors and threads.
class ChatRepository {
 public:
  virtual ~ChatRepository() = default;

  // REQUIRES: the draft keeps the rules of its type. Throws chat_name_taken.
  virtual awaitable<CreatedChat> create(WorkspaceId workspace, UserId creator, ChatDraft draft) = 0;

  virtual awaitable<std::optional<Chat>> find(WorkspaceId workspace, UserId member,
                                              ChatId chat) = 0;

  // The most recently active first; one statement whatever their number. At most 1,000.
  virtual awaitable<std::vector<ChatSummary>> list_of(WorkspaceId workspace, UserId member) = 0;
};

class ChatMemberRepository {
 public:
  virtual ~ChatMemberRepository() = default;

  // In the order of their ids, beginning after `after`. Nothing when `member` is not one of them.
  virtual awaitable<std::optional<std::vector<ChatMember>>> list(WorkspaceId workspace,
                                                                 UserId member, ChatId chat,
                                                                 UserId after,
                                                                 std::int64_t limit) = 0;
};

}  // namespace fechatter
