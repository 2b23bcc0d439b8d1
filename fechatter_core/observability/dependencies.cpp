#include "fechatter_core/observability/dependencies.hpp"

namespace fechatter::observability {
namespace {

awaitable<> check_database(postgres::Database& database) {
  static const postgres::Statement probe{"health", "SELECT count(*) FROM schema_migrations"};
  const auto ask = [](postgres::Connection& connection) { return connection.run(probe); };
  co_await database.run(ask);
}

awaitable<> check_loaded(const postgres::RevocationFeed& revocations) {
  revocations.require_loaded();
  co_return;
}

}  // namespace

std::vector<Check> dependency_checks(postgres::Database& database, nats::Probe& nats,
                                     const postgres::RevocationFeed& revocations) {
  return {{"database", true, [&database] { return check_database(database); }},
          {"nats", false, [&nats] { return nats.check(); }},
          {"startup", true, [&revocations] { return check_loaded(revocations); }},
          {"revocations", false, [&revocations] { return revocations.check(); }}};
}

}  // namespace fechatter::observability
