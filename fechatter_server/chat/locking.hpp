#pragma once

#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// Runs a statement that locks a chat. Throws chat_busy when the lock could not be had in time.
template <class... Args>
pqxx::result run_locking(postgres::Connection& connection, const postgres::Statement& statement,
                         const Args&... args) {
  try {
    return connection.run(statement, args...);
  } catch (const pqxx::sql_error& error) {
    if (error.sqlstate() != "55P03") throw;  // lock_not_available
    throw Error{ErrorCode::chat_busy, "This chat is busy; try again shortly."};
  }
}

}  // namespace fechatter::server
