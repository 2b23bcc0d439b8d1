#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"

namespace fechatter::server {

class PostgresMessageRepository : public MessageRepository {
 public:
  // `committed` is called after each change that has an event and does not go through the queue.
  PostgresMessageRepository(postgres::Database& database, AppendQueue& queue,
                            std::function<void()> committed)
      : database_{database}, queue_{queue}, committed_{std::move(committed)} {}

  awaitable<AppendOutcome> append(AppendRequest request) override;
  awaitable<EditedMessage> edit(WorkspaceId workspace, UserId caller, ChatId chat,
                                MessageId message, std::string content) override;
  awaitable<MessageOutcome> remove(WorkspaceId workspace, UserId caller, ChatId chat,
                                   MessageId message) override;
  awaitable<std::optional<std::vector<Message>>> list(WorkspaceId workspace, UserId member,
                                                      ChatId chat, MessagePage page) override;

 private:
  postgres::Database& database_;
  AppendQueue& queue_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
