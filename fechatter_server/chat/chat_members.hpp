#pragma once

#include "fechatter_core/repository/chat_repository.hpp"
#include "fechatter_core/service/chat_service.hpp"

namespace fechatter::server {

inline constexpr std::size_t members_of_one_request_max = 1000;

class ChatMembers : public ChatMemberService {
 public:
  explicit ChatMembers(ChatMemberRepository& repository) : repository_{repository} {}

  awaitable<std::vector<ChatMember>> list(auth::Identity caller, ChatId chat, UserId after,
                                          std::int64_t limit) override;
  awaitable<std::vector<ChatMember>> add(auth::Identity caller, ChatId chat,
                                         std::vector<UserId> users) override;
  awaitable<> remove(auth::Identity caller, ChatId chat, std::vector<UserId> users) override;
  awaitable<ChatMember> set_role(auth::Identity caller, ChatId chat, UserId member,
                                 ChatRole role) override;
  awaitable<Chat> join(auth::Identity caller, ChatId chat) override;
  awaitable<> leave(auth::Identity caller, ChatId chat) override;

 private:
  ChatMemberRepository& repository_;
};

}  // namespace fechatter::server
