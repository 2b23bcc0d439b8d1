#include "fechatter_server/chat/chat_members.hpp"

#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {

awaitable<std::vector<ChatMember>> ChatMembers::list(Caller caller, ChatId chat, UserId after,
                                                     std::int64_t limit) {
  auto found = co_await repository_.list(caller, chat, after, limit);
  if (!found) throw no_such_chat();
  co_return std::move(*found);
}

awaitable<std::vector<ChatMember>> ChatMembers::add(Caller caller, ChatId chat,
                                                    std::vector<UserId> users) {
  auto added = co_await repository_.add(caller, chat, std::move(users));
  require_done(added.outcome, added.offenders);
  co_return std::move(added.members);
}

awaitable<> ChatMembers::remove(Caller caller, ChatId chat, std::vector<UserId> users) {
  const auto outcome = co_await repository_.remove(caller, chat, std::move(users));
  require_done(outcome);
}

awaitable<ChatMember> ChatMembers::set_role(Caller caller, ChatId chat, UserId member,
                                            ChatRole role) {
  auto changed = co_await repository_.set_role(caller, chat, member, role);
  require_done(changed.outcome);
  co_return std::move(*changed.member);
}

awaitable<Chat> ChatMembers::join(Caller caller, ChatId chat) {
  auto changed = co_await repository_.join(caller, chat);
  require_done(changed.outcome);
  co_return std::move(*changed.chat);
}

awaitable<> ChatMembers::leave(Caller caller, ChatId chat) {
  const auto outcome = co_await repository_.leave(caller, chat);
  require_done(outcome);
}

awaitable<std::vector<Chat>> ChatMembers::take_over(Caller caller, UserId owner) {
  auto taken = co_await repository_.take_over(caller, owner);
  if (taken.outcome == ChatOutcome::not_found) {
    throw Error{ErrorCode::not_found, "There is no such user."};
  }
  require_done(taken.outcome);
  audit_.add(AuditAction::chats_taken_over);
  co_return std::move(taken.chats);
}

}  // namespace fechatter::server
