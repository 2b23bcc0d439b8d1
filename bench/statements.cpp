#include "bench/statements.hpp"

namespace fechatter::bench {

std::int64_t StatementCount::now(const std::string& part) {
  static const postgres::Statement count{
      "bench_statements",
      "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements "
      "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
      "AND query !~ 'relay|outbox|revoked_at >|cleanup_|schema_migrations|pg_stat_statements' "
      "AND position($1 IN query) > 0"};
  return connection_.run(count, part)[0][0].as<std::int64_t>();
}

}  // namespace fechatter::bench
