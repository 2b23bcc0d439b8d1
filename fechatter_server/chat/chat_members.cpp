#include "fechatter_server/chat/chat_members.hpp"

#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {

awaitable<std::vector<ChatMember>> ChatMembers::list(auth::Identity caller, ChatId chat,
                                                     UserId after, std::int64_t limit) {
  auto found = co_await repository_.list(caller.workspace_id, caller.user_id, chat, after, limit);
  if (!found) throw no_such_chat();
  co_return std::move(*found);
}

awaitable<std::vector<ChatMember>> ChatMembers::add(auth::Identity caller, ChatId chat,
                                                    std::vector<UserId> users) {
  auto added =
      co_await repository_.add(caller.workspace_id, caller.user_id, chat, std::move(users));
  if (!added.offenders.empty()) throw not_in_workspace(added.offenders);
  require_done(added.outcome);
  co_return std::move(added.members);
}

awaitable<> ChatMembers::remove(auth::Identity caller, ChatId chat, std::vector<UserId> users) {
  const auto outcome =
      co_await repository_.remove(caller.workspace_id, caller.user_id, chat, std::move(users));
  require_done(outcome);
}

awaitable<ChatMember> ChatMembers::set_role(auth::Identity caller, ChatId chat, UserId member,
                                            ChatRole role) {
  auto changed =
      co_await repository_.set_role(caller.workspace_id, caller.user_id, chat, member, role);
  require_done(changed.outcome);
  co_return std::move(*changed.member);
}

awaitable<Chat> ChatMembers::join(auth::Identity caller, ChatId chat) {
  auto changed = co_await repository_.join(caller.workspace_id, caller.user_id, chat);
  require_done(changed.outcome);
  co_return std::move(*changed.chat);
}

awaitable<> ChatMembers::leave(auth::Identity caller, ChatId chat) {
  const auto outcome = co_await repository_.leave(caller.workspace_id, caller.user_id, chat);
  require_done(outcome);
}

}  // namespace fechatter::server
