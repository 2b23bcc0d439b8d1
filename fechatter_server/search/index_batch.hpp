#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// The parameters of the SQL functions index_messages and build_search: documents, and words for the
// dictionary of corrections.
struct IndexBatch {
  std::string documents;  // a JSON array of search_document
  std::vector<std::int64_t> workspaces;
  std::string words;  // a PostgreSQL array, one for each of `workspaces`
};

// Makes batches of messages, and caches which words the dictionary of corrections has. One thread.
class IndexBatches {
 public:
  // Of a message that is given twice, the newest version.
  IndexBatch make(const std::vector<IndexedMessage>& messages);
  // Of the batch of the last make(): `words_removed` is what the SQL function returned. False when
  // nothing was written, because words have left the dictionary that were taken for known: make
  // the batch again.
  bool committed(std::int64_t words_removed);
  // The value for which the cache holds.
  std::int64_t words_removed() const { return words_removed_; }

 private:
  std::unordered_set<std::string> known_;  // "<workspace>:<word>"
  std::vector<std::string> offered_;
  std::int64_t words_removed_ = 0;
};

// Runs a statement that writes a batch. Throws IndexRefusal when the database refuses the data.
template <class... Args>
pqxx::result run_indexing(postgres::Connection& connection, const postgres::Statement& statement,
                          const Args&... args) {
  try {
    return connection.run(statement, args...);
  } catch (const pqxx::sql_error& error) {
    // Refused at each attempt: data exceptions, broken constraints, limits of PostgreSQL.
    const auto state = error.sqlstate().substr(0, 2);
    if (state == "22" || state == "23" || state == "54") throw IndexRefusal{error.what()};
    throw;
  }
}

// Writes messages by a statement that takes a batch, `more`, and the cache's words_removed. Throws
// as run_indexing does.
template <class... More>
void write_batch(IndexBatches& batches, postgres::Connection& connection,
                 const postgres::Statement& statement, const std::vector<IndexedMessage>& messages,
                 const More&... more) {
  bool written = false;
  while (!written) {
    const auto batch = batches.make(messages);
    const auto rows = run_indexing(connection, statement, batch.documents, batch.workspaces,
                                   batch.words, more..., batches.words_removed());
    written = batches.committed(rows[0][0].template as<std::int64_t>());
  }
}

// A PostgreSQL array of texts. REQUIRES: none needs an escape, as no token does.
std::string to_array(const std::vector<std::string>& texts);

}  // namespace fechatter::server
