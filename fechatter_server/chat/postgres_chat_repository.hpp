#pragma once

#include "fechatter_core/repository/chat_repository.hpp"
#include "fechatter_server/chat/chat_limits.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: ChatRepository.
class PostgresChatRepository final : public ChatRepository {
 public:
  PostgresChatRepository(EventfulDatabase& database, ChatLimits limits)
      : database_{database}, limits_{limits} {}

  awaitable<CreatedChat> create(Caller creator, ChatDraft draft) override;
  awaitable<std::optional<Chat>> find(Caller caller, ChatId chat) override;
  awaitable<ChatList> list(Caller caller, ChatPage page, Pace& pace) override;
  awaitable<std::vector<PublicChannel>> list_public(Caller caller, std::string part, ChatId after,
                                                    std::int64_t limit, bool archived) override;
  awaitable<ChangedChat> update(Caller caller, ChatId chat, ChatPatch patch) override;
  awaitable<ChangedChat> set(Caller caller, ChatId chat, ChatSettings settings) override;
  awaitable<ChangedChat> archive(Caller caller, ChatId chat, bool archived) override;
  awaitable<ChatOutcome> remove(Caller caller, ChatId chat) override;
  awaitable<ChangedChat> restore(AuditedCaller by, ChatId chat) override;

 private:
  awaitable<std::optional<ChatList>> list_in_parts(Caller caller, ChatPage page, Pace& pace);

  EventfulDatabase& database_;
  const ChatLimits limits_;
};

}  // namespace fechatter::server
