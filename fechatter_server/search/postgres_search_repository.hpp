#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/search_repository.hpp"

namespace fechatter::server {

class PostgresSearchRepository : public SearchRepository {
 public:
  explicit PostgresSearchRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::vector<SearchableChat>> scope_of(WorkspaceId workspace, UserId caller) override;
  awaitable<std::vector<UserId>> find_senders(WorkspaceId workspace, std::string name) override;
  awaitable<std::vector<ChatId>> find_chats(WorkspaceId workspace, UserId caller,
                                            std::string name) override;
  awaitable<std::map<MessageId, Timestamp>> visible(WorkspaceId workspace, UserId caller,
                                                    std::vector<MessageId> messages) override;
  awaitable<std::vector<SearchHit>> read_hits(WorkspaceId workspace, UserId caller,
                                              std::vector<MessageId> messages) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
