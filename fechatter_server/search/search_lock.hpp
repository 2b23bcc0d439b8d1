#pragma once

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// Among all servers and commands, one at a time looks after the index. It is held by the
// connection and ends with it. Block; throw pqxx::failure.
bool try_lock_search(postgres::Connection& connection);
void unlock_search(postgres::Connection& connection);

}  // namespace fechatter::server
