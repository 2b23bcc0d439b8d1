#pragma once

#include "fechatter_core/service/chat_member_service.hpp"
#include "fechatter_server/chat/postgres_chat_member_repository.hpp"
#include "fechatter_server/workspace/audit_counts.hpp"

namespace fechatter::server {

inline constexpr std::size_t members_of_one_request_max = 1000;

// Contract, threads and errors: ChatMemberService.
class ChatMembers final : public ChatMemberService {
 public:
  ChatMembers(PostgresChatMemberRepository& repository, AuditCounts& audit)
      : repository_{repository}, audit_{audit} {}

  awaitable<std::vector<ChatMember>> list(Caller caller, ChatId chat, UserId after,
                                          std::int64_t limit) override;
  awaitable<std::vector<ChatMember>> add(Caller caller, ChatId chat,
                                         std::vector<UserId> users) override;
  awaitable<> remove(Caller caller, ChatId chat, std::vector<UserId> users) override;
  awaitable<ChatMember> set_role(Caller caller, ChatId chat, UserId member, ChatRole role) override;
  awaitable<Chat> join(Caller caller, ChatId chat) override;
  awaitable<> leave(Caller caller, ChatId chat) override;
  awaitable<std::vector<Chat>> take_over(Caller caller, UserId owner) override;

 private:
  PostgresChatMemberRepository& repository_;
  AuditCounts& audit_;
};

}  // namespace fechatter::server
