#pragma once

#include <functional>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

namespace fechatter::server {

class PostgresChatRepository : public ChatRepository {
 public:
  // `committed` is called on a database thread after each change that has an event.
  PostgresChatRepository(postgres::Database& database, std::function<void()> committed)
      : database_{database}, committed_{std::move(committed)} {}

  awaitable<CreatedChat> create(WorkspaceId workspace, UserId creator, ChatDraft draft) override;
  awaitable<std::optional<Chat>> find(WorkspaceId workspace, UserId member, ChatId chat) override;
  awaitable<std::vector<ChatSummary>> list_of(WorkspaceId workspace, UserId member) override;

 private:
  postgres::Database& database_;
  const std::function<void()> committed_;
};

class PostgresChatMemberRepository : public ChatMemberRepository {
 public:
  explicit PostgresChatMemberRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::optional<std::vector<ChatMember>>> list(WorkspaceId workspace, UserId member,
                                                         ChatId chat, UserId after,
                                                         std::int64_t limit) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
