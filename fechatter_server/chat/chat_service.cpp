#include "fechatter_server/chat/chat_service.hpp"

#include <algorithm>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

Error no_such_chat() {
  return Error{ErrorCode::chat_not_found, "There is no such chat."};
}

// The rules of the four kinds; `members` comes out with the creator, sorted, nobody twice.
void check(ChatDraft& draft, UserId creator) {
  auto& members = draft.members;
  if (draft.type == ChatType::public_channel && !members.empty()) {
    throw invalid_field("members", "a PublicChannel starts with its creator alone");
  }
  const bool with_oneself =
      draft.type == ChatType::single && members.size() == 1 && members[0] == creator;
  members.push_back(creator);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (with_oneself) throw invalid_field("members", "a Single is not with oneself");
  if (draft.type == ChatType::single && members.size() != 2) {
    throw invalid_field("members", "a Single has exactly one other member");
  }
  if (draft.type == ChatType::group && members.size() < 3) {
    throw invalid_field("members", "a Group has at least three members, its creator included");
  }
  if (draft.type != ChatType::single && draft.name.empty()) {
    throw invalid_field("name", "is required");
  }
}

Error not_in_workspace(const std::vector<UserId>& offenders) {
  std::string ids;
  for (const auto id : offenders) {
    if (!ids.empty()) ids += ", ";
    ids += std::to_string(id.value);
  }
  return invalid_field("members", "no active users of this workspace: " + ids);
}

}  // namespace

awaitable<ChatCreation> Chats::create(auth::Identity caller, ChatDraft draft) {
  check(draft, caller.user_id);
  auto created = co_await chats_.create(caller.workspace_id, caller.user_id, std::move(draft));
  if (!created.not_in_workspace.empty()) throw not_in_workspace(created.not_in_workspace);
  auto chat = co_await get(caller, created.id);
  co_return ChatCreation{std::move(chat), created.existed};
}

awaitable<Chat> Chats::get(auth::Identity caller, ChatId chat) {
  auto found = co_await chats_.find(caller.workspace_id, caller.user_id, chat);
  if (!found) throw no_such_chat();
  co_return std::move(*found);
}

awaitable<std::vector<ChatSummary>> Chats::list(auth::Identity caller) {
  return chats_.list_of(caller.workspace_id, caller.user_id);
}

awaitable<std::vector<ChatMember>> Chats::members(auth::Identity caller, ChatId chat, UserId after,
                                                  std::int64_t limit) {
  auto found = co_await members_.list(caller.workspace_id, caller.user_id, chat, after, limit);
  if (!found) throw no_such_chat();
  co_return std::move(*found);
}

}  // namespace fechatter::server
