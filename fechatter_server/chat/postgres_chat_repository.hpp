#pragma once

#include <functional>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

namespace fechatter::server {

class PostgresChatRepository : public ChatRepository {
 public:
  // `committed` is called after each change that has an event, on the caller's thread.
  PostgresChatRepository(postgres::Database& database, std::function<void()> committed)
      : database_{database}, committed_{std::move(committed)} {}

  awaitable<CreatedChat> create(WorkspaceId workspace, UserId creator, ChatDraft draft) override;
  awaitable<std::optional<Chat>> find(WorkspaceId workspace, UserId member, ChatId chat) override;
  awaitable<std::vector<ChatSummary>> list_of(WorkspaceId workspace, UserId member) override;
  awaitable<std::vector<PublicChannel>> list_public(WorkspaceId workspace, UserId caller,
                                                    std::string part, ChatId after,
                                                    std::int64_t limit) override;
  awaitable<ChangedChat> update(WorkspaceId workspace, UserId caller, ChatId chat,
                                ChatPatch patch) override;
  awaitable<ChatOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat) override;

 private:
  postgres::Database& database_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
