#include "fechatter_server/chat/chats.hpp"

#include <algorithm>

#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {
namespace {

// The rules of the four types. `members` comes out sorted, with the creator, without duplicates.
void check(ChatDraft& draft, UserId creator) {
  auto& members = draft.members;
  const bool with_oneself =
      draft.type == ChatType::single && members.size() == 1 && members[0] == creator;
  members.push_back(creator);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (draft.type == ChatType::public_channel && members.size() != 1) {
    throw invalid_field("members", "a PublicChannel starts with its creator alone");
  }
  if (with_oneself) throw invalid_field("members", "a Single is not with oneself");
  if (draft.type == ChatType::single && members.size() != 2) {
    throw invalid_field("members", "a Single has exactly one other member");
  }
  if (draft.type == ChatType::group && members.size() < 3) {
    throw invalid_field("members", "a Group has at least three members, its creator included");
  }
  if (draft.type == ChatType::single) draft.name = {};
  if (draft.type != ChatType::single && draft.name.text.empty()) {
    throw invalid_field("name", "is required");
  }
}

}  // namespace

awaitable<ChatCreation> Chats::create(Caller caller, ChatDraft draft) {
  check(draft, caller.user);
  auto created = co_await repository_.create(caller, std::move(draft));
  require_done(created.outcome, created.offenders);
  auto chat = co_await get(caller, created.id);
  co_return ChatCreation{std::move(chat), created.existed};
}

awaitable<Chat> Chats::get(Caller caller, ChatId chat) {
  auto found = co_await repository_.find(caller, chat);
  if (!found) throw no_such_chat();
  co_return std::move(*found);
}

awaitable<ChatList> Chats::list(Caller caller, ChatPage page, Pace& pace) {
  return repository_.list(caller, page, pace);
}

awaitable<std::vector<PublicChannel>> Chats::list_public(Caller caller, std::string part,
                                                         ChatId after, std::int64_t limit,
                                                         bool archived) {
  auto key = name_key(part);
  if (key.empty() && !part.empty()) co_return std::vector<PublicChannel>{};
  co_return co_await repository_.list_public(caller, std::move(key), after, limit, archived);
}

awaitable<Chat> Chats::update(Caller caller, ChatId chat, ChatPatch patch) {
  auto changed = co_await repository_.update(caller, chat, std::move(patch));
  require_done(changed.outcome);
  co_return std::move(*changed.chat);
}

awaitable<Chat> Chats::set(Caller caller, ChatId chat, ChatSettings settings) {
  auto changed = co_await repository_.set(caller, chat, std::move(settings));
  require_done(changed.outcome);
  co_return std::move(*changed.chat);
}

awaitable<Chat> Chats::archive(Caller caller, ChatId chat, bool archived) {
  auto changed = co_await repository_.archive(caller, chat, archived);
  require_done(changed.outcome);
  co_return std::move(*changed.chat);
}

awaitable<> Chats::remove(Caller caller, ChatId chat) {
  const auto outcome = co_await repository_.remove(caller, chat);
  require_done(outcome);
}

awaitable<Chat> Chats::restore(AuditedCaller by, ChatId chat) {
  auto restored = co_await repository_.restore(std::move(by), chat);
  require_done(restored.outcome);
  co_return std::move(*restored.chat);
}

}  // namespace fechatter::server
