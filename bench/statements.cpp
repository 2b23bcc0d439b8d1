#include "bench/statements.hpp"

#include "bench/report.hpp"

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

void print_statements(const std::string& url) {
  postgres::Connection connection{url};
  const auto rows = connection.run_script(
      "SELECT calls, round(mean_exec_time::numeric, 3), round(total_exec_time::numeric),"
      "       left(regexp_replace(query, '\\s+', ' ', 'g'), 90)"
      " FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 12");
  std::vector<Row> table{{"calls", "ms each", "ms in all", "statement"}};
  for (const auto& row : rows) {
    table.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                     row[3].as<std::string>()});
  }
  print_table(table);
}

}  // namespace fechatter::bench
