#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/index_batch.hpp"

namespace fechatter::server {

// The index in PostgreSQL, beside the messages: nothing to install. The schema of search in
// migrations/ describes its tables, docs/adr/0010 the reasons.
class PostgresIndex : public SearchIndex {
 public:
  // find() uses `database`; apply() a connection of its own, made from `url`.
  PostgresIndex(postgres::Database& database, const std::string& url);

  awaitable<std::vector<IndexMatch>> find(IndexQuery query) override;
  void apply(const std::vector<IndexedMessage>& messages) override;
  awaitable<> check() override;

 private:
  postgres::Database& database_;

  // Of the thread that applies.
  postgres::Connection writer_;
  IndexBatches batches_;
};

}  // namespace fechatter::server
