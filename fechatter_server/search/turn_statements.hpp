#pragma once

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_turn.hpp"

namespace fechatter::server {

// Limits the statements of a connection to what is left of a search, until it is destroyed. The
// connection's own limit is the time of a whole search, so a search that has used little of it
// needs no round trip for this.
class TurnLimit {
 public:
  // Throws as SearchTurn::require() does.
  TurnLimit(postgres::Connection& connection, const SearchTurn& turn);
  ~TurnLimit();
  TurnLimit(const TurnLimit&) = delete;
  TurnLimit& operator=(const TurnLimit&) = delete;

 private:
  postgres::Connection& connection_;
  bool limited_ = false;
};

// Runs one step of a search, in which `step(connection)` runs one statement.
template <class Step>
auto run_in_turn(postgres::Connection& connection, const SearchTurn& turn, Step step) {
  const TurnLimit limit{connection, turn};
  try {
    return step(connection);
  } catch (const pqxx::sql_error& error) {
    if (!postgres::is_statement_timeout(error)) throw;
    throw SearchTurn::too_slow();
  }
}

}  // namespace fechatter::server
