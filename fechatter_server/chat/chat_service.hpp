#pragma once

#include "fechatter_core/repository/chat_repository.hpp"
#include "fechatter_core/service/chat_service.hpp"

namespace fechatter::server {

inline constexpr std::size_t chat_name_length_max = 128;
inline constexpr std::size_t chat_description_length_max = 1000;
inline constexpr std::size_t draft_members_max = 1000;

class Chats : public ChatService {
 public:
  Chats(ChatRepository& chats, ChatMemberRepository& members) : chats_{chats}, members_{members} {}

  awaitable<ChatCreation> create(auth::Identity caller, ChatDraft draft) override;
  awaitable<Chat> get(auth::Identity caller, ChatId chat) override;
  awaitable<std::vector<ChatSummary>> list(auth::Identity caller) override;
  awaitable<std::vector<ChatMember>> members(auth::Identity caller, ChatId chat, UserId after,
                                             std::int64_t limit) override;

 private:
  ChatRepository& chats_;
  ChatMemberRepository& members_;
};

}  // namespace fechatter::server
