#pragma once

#include "fechatter_core/repository/chat_member_repository.hpp"
#include "fechatter_server/chat/chat_limits.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: ChatMemberRepository.
class PostgresChatMemberRepository final : public ChatMemberRepository {
 public:
  PostgresChatMemberRepository(EventfulDatabase& database, ChatLimits limits)
      : database_{database}, limits_{limits} {}

  awaitable<std::optional<std::vector<ChatMember>>> list(Caller caller, ChatId chat, UserId after,
                                                         std::int64_t limit) override;
  awaitable<AddedMembers> add(Caller caller, ChatId chat, std::vector<UserId> users) override;
  awaitable<ChatOutcome> remove(Caller caller, ChatId chat, std::vector<UserId> users) override;
  awaitable<ChangedMember> set_role(Caller caller, ChatId chat, UserId member,
                                    ChatRole role) override;
  awaitable<ChangedChat> join(Caller caller, ChatId chat) override;
  awaitable<ChatOutcome> leave(Caller caller, ChatId chat) override;
  awaitable<TakenChats> take_over(AuditedCaller by, UserId owner) override;

 private:
  EventfulDatabase& database_;
  const ChatLimits limits_;
};

}  // namespace fechatter::server
