#pragma once

#include "fechatter_core/repository/chat_repository.hpp"
#include "fechatter_core/service/chat_service.hpp"

namespace fechatter::server {

inline constexpr std::size_t chat_name_length_max = 128;
inline constexpr std::size_t chat_description_length_max = 1000;

class Chats : public ChatService {
 public:
  explicit Chats(ChatRepository& repository) : repository_{repository} {}

  awaitable<ChatCreation> create(auth::Identity caller, ChatDraft draft) override;
  awaitable<Chat> get(auth::Identity caller, ChatId chat) override;
  awaitable<std::vector<ChatSummary>> list(auth::Identity caller) override;
  awaitable<std::vector<PublicChannel>> list_public(auth::Identity caller, std::string part,
                                                    ChatId after, std::int64_t limit) override;
  awaitable<Chat> update(auth::Identity caller, ChatId chat, ChatPatch patch) override;
  awaitable<> remove(auth::Identity caller, ChatId chat) override;

 private:
  ChatRepository& repository_;
};

}  // namespace fechatter::server
