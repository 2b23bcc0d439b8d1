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
  // REQUIRES: the batch of the last make() is committed.
  void committed();

 private:
  std::unordered_set<std::string> known_;  // "<workspace>:<word>"
  std::vector<std::string> offered_;
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

// A PostgreSQL array of texts. REQUIRES: none needs an escape, as no token does.
std::string to_array(const std::vector<std::string>& texts);

}  // namespace fechatter::server
