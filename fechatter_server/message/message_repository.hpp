#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"

namespace fechatter::server {

class PostgresMessageRepository : public MessageRepository {
 public:
  PostgresMessageRepository(postgres::Database& database, AppendQueue& queue)
      : database_{database}, queue_{queue} {}

  awaitable<AppendOutcome> append(AppendRequest request) override;
  awaitable<std::optional<std::vector<Message>>> list(WorkspaceId workspace, UserId member,
                                                      ChatId chat, MessagePage page) override;

 private:
  postgres::Database& database_;
  AppendQueue& queue_;
};

}  // namespace fechatter::server
