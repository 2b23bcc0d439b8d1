#pragma once

#include <cstdint>
#include <string>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::bench {

// Counts the statements caused by requests so far, without those of background work: relay, outbox,
// revoked sessions, cleanup of chats. REQUIRES: the database has pg_stat_statements.
class StatementCount {
 public:
  explicit StatementCount(const std::string& url) : connection_{url} {}

  // With `part`, only statements that contain this text.
  std::int64_t now(const std::string& part = {});

 private:
  postgres::Connection connection_;
};

// A table of the statements that took most of the database's time so far. REQUIRES: as above, and
// that the user of `url` may read all statistics.
void print_statements(const std::string& url);

}  // namespace fechatter::bench
