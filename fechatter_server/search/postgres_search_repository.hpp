#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/search_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: SearchRepository.
class PostgresSearchRepository final : public SearchRepository {
 public:
  explicit PostgresSearchRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::vector<SearchableChat>> scope_of(Caller caller) override;
  awaitable<std::vector<UserId>> find_senders(WorkspaceId workspace, std::string name) override;
  awaitable<std::vector<ChatId>> find_chats(Caller caller, std::string name) override;
  awaitable<std::map<MessageId, Timestamp>> visible(Caller caller,
                                                    std::vector<MessageId> messages) override;
  awaitable<std::vector<SearchHit>> read_hits(Caller caller,
                                              std::vector<MessageId> messages) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
