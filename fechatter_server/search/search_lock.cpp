#include "fechatter_server/search/search_lock.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

const Statement lock_statement{"lock_search",
                               "SELECT pg_try_advisory_lock(hashtext('fechatter_search'))"};
const Statement unlock_statement{"unlock_search",
                                 "SELECT pg_advisory_unlock(hashtext('fechatter_search'))"};

}  // namespace

bool try_lock_search(postgres::Connection& connection) {
  return connection.run(lock_statement)[0][0].as<bool>();
}

void unlock_search(postgres::Connection& connection) {
  connection.run(unlock_statement);
}

}  // namespace fechatter::server
