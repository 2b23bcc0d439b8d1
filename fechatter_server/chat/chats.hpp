#pragma once

#include "fechatter_core/service/chat_service.hpp"
#include "fechatter_server/chat/postgres_chat_repository.hpp"

namespace fechatter::server {

inline constexpr std::size_t chat_name_length_max = 128;
inline constexpr std::size_t chat_description_length_max = 1000;
inline constexpr std::size_t chat_topic_length_max = 250;
inline constexpr std::int64_t chats_of_a_page_max = 500;

// Contract, threads and errors: ChatService.
class Chats final : public ChatService {
 public:
  explicit Chats(PostgresChatRepository& repository) : repository_{repository} {}

  awaitable<ChatCreation> create(Caller caller, ChatDraft draft) override;
  awaitable<Chat> get(Caller caller, ChatId chat) override;
  awaitable<ChatList> list(Caller caller, ChatPage page, Pace& pace) override;
  awaitable<std::vector<PublicChannel>> list_public(Caller caller, std::string part, ChatId after,
                                                    std::int64_t limit, bool archived) override;
  awaitable<Chat> update(Caller caller, ChatId chat, ChatPatch patch) override;
  awaitable<Chat> set(Caller caller, ChatId chat, ChatSettings settings) override;
  awaitable<Chat> archive(Caller caller, ChatId chat, bool archived) override;
  awaitable<> remove(Caller caller, ChatId chat) override;
  awaitable<Chat> restore(AuditedCaller by, ChatId chat) override;

 private:
  PostgresChatRepository& repository_;
};

}  // namespace fechatter::server
