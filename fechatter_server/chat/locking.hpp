#pragma once

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"

namespace fechatter::server {

// PostgreSQL's lock_timeout, which the functions that lock a chat set, has passed.
inline bool is_lock_timeout(const pqxx::sql_error& error) {
  return error.sqlstate() == "55P03";  // lock_not_available
}

// Runs a statement that locks a chat. Throws chat_busy when the lock was not free in time.
template <class... Args>
pqxx::result run_locking(postgres::Connection& connection, const postgres::Statement& statement,
                         const Args&... args) {
  try {
    return connection.run(statement, args...);
  } catch (const pqxx::sql_error& error) {
    if (!is_lock_timeout(error)) throw;
    throw chat_busy();
  }
}

}  // namespace fechatter::server
