#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/search_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: SearchRepository.
class PostgresSearchRepository final : public SearchRepository {
 public:
  explicit PostgresSearchRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::vector<SearchableChat>> scope_of(Caller caller, bool with_names,
                                                  SearchTurn turn) override;
  awaitable<std::vector<std::vector<UserId>>> find_people(WorkspaceId workspace,
                                                          std::vector<std::string> names,
                                                          SearchTurn turn) override;
  awaitable<std::map<MessageId, Timestamp>> visible(Caller caller, std::vector<MessageId> messages,
                                                    SearchTurn turn) override;
  awaitable<std::map<MessageId, LiteralVerdict>> compare_literally(Caller caller,
                                                                   std::vector<MessageId> messages,
                                                                   std::vector<SearchTerm> terms,
                                                                   SearchTurn turn) override;
  awaitable<std::vector<SearchHit>> read_hits(Caller caller, std::vector<MessageId> messages,
                                              std::size_t bytes_max, SearchTurn turn) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
