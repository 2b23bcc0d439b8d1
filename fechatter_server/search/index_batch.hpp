#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// What the functions of migrations/functions/search.sql take: documents, and words to be learned.
struct IndexBatch {
  std::string documents;  // a JSON array of search_document
  std::vector<std::int64_t> workspaces;
  std::string words;  // a PostgreSQL array, one for each of `workspaces`
};

// Makes batches of messages, and remembers which words PostgreSQL has learned. One thread.
class IndexBatches {
 public:
  // Of each message its newest version, if it is there twice.
  IndexBatch make(const std::vector<IndexedMessage>& messages);
  // The last batch was taken.
  void taken();

 private:
  std::unordered_set<std::string> known_;  // "<workspace>:<word>"
  std::vector<std::string> offered_;
};

// Runs a statement that writes a batch. Throws IndexRefusal when the data is what is wrong.
template <class... Args>
pqxx::result run_indexing(postgres::Connection& connection, const postgres::Statement& statement,
                          const Args&... args) {
  try {
    return connection.run(statement, args...);
  } catch (const pqxx::sql_error& error) {
    // What will be refused again: data exceptions, broken constraints, limits of the program.
    const auto state = error.sqlstate().substr(0, 2);
    if (state == "22" || state == "23" || state == "54") throw IndexRefusal{error.what()};
    throw;
  }
}

// A PostgreSQL array of texts. REQUIRES: none needs an escape, as no token does.
std::string to_array(const std::vector<std::string>& texts);

}  // namespace fechatter::server
