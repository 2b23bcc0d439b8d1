#pragma once

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// The lock of index maintenance: of all servers and commands one at a time holds it. It ends with
// the connection. Both block; throw pqxx::failure.
bool try_lock_search(postgres::Connection& connection);
void unlock_search(postgres::Connection& connection);

}  // namespace fechatter::server
