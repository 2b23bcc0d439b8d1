#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::bench {

// The statements that requests have caused so far: without those that both servers send by
// themselves, for the relay, the outbox, the revoked sessions and the deleted chats. REQUIRES: the
// database has pg_stat_statements.
class StatementCount {
 public:
  explicit StatementCount(const std::string& url) : connection_{url} {}

  // With `part`, only those whose text has it.
  std::int64_t now(const std::string& part = {});

 private:
  postgres::Connection connection_;
};

}  // namespace fechatter::bench
