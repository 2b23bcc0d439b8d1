#include "fechatter_core/postgres/migrations.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <thread>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/postgres/sql_file.hpp"

namespace fechatter::postgres {
namespace {

// An arbitrary number, the same in all instances.
constexpr const char* try_lock = "SELECT pg_try_advisory_lock(6688001)";
constexpr const char* unlock = "SELECT pg_advisory_unlock(6688001)";
constexpr std::chrono::milliseconds lock_poll{100};

// A role that owns nothing may not run CREATE TABLE IF NOT EXISTS either.
constexpr const char* find_table = "SELECT to_regclass('schema_migrations') IS NOT NULL";
constexpr const char* make_table =
    "CREATE TABLE schema_migrations ("
    "version integer PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";

// After a change of the schema, or when the role has no rights yet.
constexpr Statement grant_application{
    "grant_application_rights",
    "SELECT grant_application_rights($1::name) "
    "WHERE $2::boolean OR NOT has_table_privilege($1::name, 'schema_migrations', 'SELECT')"};
constexpr Statement grant_notify{
    "grant_notify_rights",
    "SELECT grant_notify_rights($1::name) "
    "WHERE $2::boolean OR NOT has_any_column_privilege($1::name, 'schema_migrations', 'SELECT')"};
constexpr Statement find_role{"find_role",
                              "SELECT pg_has_role(c.relowner, 'USAGE'), "
                              "EXISTS (SELECT FROM pg_roles WHERE rolname = $1::name) "
                              "FROM pg_class c WHERE c.oid = 'schema_migrations'::regclass"};

class Lock {
 public:
  explicit Lock(Connection& connection) : connection_{connection} {
    while (!connection_.run_script(try_lock)[0][0].as<bool>()) {
      std::this_thread::sleep_for(lock_poll);
    }
  }
  ~Lock() {
    try {
      connection_.run_script(unlock);
    } catch (const std::exception& error) {
      spdlog::warn("migrations: the lock goes with the connection: {}", error.what());
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Connection& connection_;
};

[[noreturn]] void fail(const std::string& name, const pqxx::sql_error& error) {
  auto reason = name + ": " + error.what();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) {
    reason += "; database.migration_url must name the role that owns the schema";
  }
  throw std::runtime_error{reason};
}

struct Applied {
  std::string name;
  std::string checksum;
};

// By version.
std::map<int, Applied> read_applied(Connection& connection) {
  std::map<int, Applied> applied;
  try {
    if (!connection.run_script(find_table)[0][0].as<bool>()) {
      connection.run_script(make_table);
      create_definition_tables(connection);
    }
    for (const auto& row :
         connection.run_script("SELECT version, name, checksum FROM schema_migrations")) {
      applied[row[0].as<int>()] = {row[1].c_str(), row[2].c_str()};
    }
  } catch (const pqxx::sql_error& error) {
    fail("schema_migrations", error);
  }
  return applied;
}

// Before anything is applied. A newer program may have applied more than there are files here.
void refuse_changed(const std::vector<Migration>& migrations, const std::map<int, Applied>& known) {
  for (const auto& migration : migrations) {
    const auto found = known.find(migration.version);
    if (found == known.end()) continue;
    const auto& [name, checksum] = found->second;
    if (name == migration.name && checksum == migration.checksum) continue;
    throw std::runtime_error{fmt::format(
        "{}: has changed since it was applied (as {}); a database made before the first release "
        "cannot be migrated: remove it (for ./dev up, the folder .run) and start again",
        migration.name, name)};
  }
}

// Nothing runs while tables change. All are locked before the first of them does: a request that
// has one table and waits for another would be in the way of a migration that has the other. A
// statement locks the view that it names first, and so does this one. A role that owns nothing
// locks nothing.
constexpr const char* lock_tables = R"(
DO $$
DECLARE
  tables text := (
    SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relkind DESC, c.relname)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'r', 'p')
      AND NOT c.relispartition AND pg_has_role(c.relowner, 'USAGE'));
BEGIN
  IF tables IS NOT NULL THEN
    EXECUTE 'LOCK TABLE ' || tables || ' IN ACCESS EXCLUSIVE MODE';
  END IF;
END $$;)";

// An automatic vacuum gives a table up to a statement that has waited for deadlock_timeout (1 s),
// so a few tries wait for longer than that.
constexpr const char* outlast_vacuum = "SET LOCAL lock_timeout = '1200ms';";

std::string record_of(const Migration& migration) {
  return fmt::format(
      "INSERT INTO schema_migrations (version, name, checksum) VALUES ({}, '{}', '{}')",
      migration.version, migration.name, migration.checksum);
}

void refuse_invalid_indexes(Connection& connection) {
  const auto invalid =
      connection.run_script("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid");
  if (!invalid.empty()) {
    throw std::runtime_error{std::string{"the index "} + invalid[0][0].c_str() +
                             " is invalid: drop it and migrate again"};
  }
}

// The roles that are not `caller` itself; only an owner grants.
ServerRoles roles_apart(Connection& connection, ServerRoles roles, const std::string& caller) {
  if (roles.notify == caller || roles.notify == roles.application) roles.notify.clear();
  if (roles.application == caller) roles.application.clear();
  if (roles.notify.empty()) return roles;
  const auto found = connection.run(find_role, roles.notify);
  const auto owns = found[0][0].as<bool>();
  const auto exists = found[0][1].as<bool>();
  if (owns && !exists) {
    spdlog::warn("migrations: there is no role {} for notify_server", roles.notify);
  }
  if (!owns || !exists) roles.notify.clear();
  return roles;
}

void grant_rights(Connection& connection, const ServerRoles& roles, bool changed) {
  if (!roles.application.empty()) connection.run(grant_application, roles.application, changed);
  if (!roles.notify.empty()) connection.run(grant_notify, roles.notify, changed);
}

std::vector<Migration> read_migrations(const std::string& folder) {
  std::vector<Migration> migrations;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    int version = 0;
    const auto digits = std::from_chars(name.data(), name.data() + name.size(), version);
    if (entry.path().extension() != ".sql" || digits.ptr != name.data() + 4) continue;
    const auto sql = read_sql_file(entry.path());
    migrations.push_back({version, name, sql, checksum_of(sql)});
  }
  std::sort(migrations.begin(), migrations.end(),
            [](const auto& a, const auto& b) { return a.version < b.version; });
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      throw std::runtime_error{
          fmt::format("{}: expected migration {:04}, found {}", folder, i + 1, migrations[i].name)};
    }
  }
  return migrations;
}

}  // namespace

Schema read_schema(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw std::runtime_error{folder + ": no such folder of migrations"};
  }
  return {read_migrations(folder), read_definitions(folder)};
}

std::vector<std::string> migrate(const std::string& url, const Schema& schema,
                                 const ServerRoles& wanted) {
  Connection connection{url};
  const Lock lock{connection};
  const auto known = read_applied(connection);
  refuse_changed(schema.migrations, known);
  const auto roles = roles_apart(connection, wanted, role_of(url));
  std::vector<Migration> pending;
  for (const auto& migration : schema.migrations) {
    if (!known.contains(migration.version)) pending.push_back(migration);
  }
  refuse_invalid_indexes(connection);
  const auto definitions = fmt::format("definitions of release {}", schema.definitions.release);
  auto step = definitions;  // the one that fails
  int tries = 0;
  const auto apply_pending = [&] {
    step = pending.front().name;
    const auto* patience = ++tries % 8 == 0 ? outlast_vacuum : "";
    connection.run_script(std::string{in_transaction} + patience + lock_tables);
    for (const auto& migration : pending) {
      step = migration.name;
      connection.run_script(in_transaction + migration.sql + "\n;" + record_of(migration));
    }
    step = definitions;
  };
  std::vector<std::string> applied;
  try {
    const bool defined =
        apply_definitions(connection, schema.definitions, roles,
                          pending.empty() ? std::function<void()>{} : apply_pending);
    for (const auto& migration : pending) applied.push_back(migration.name);
    if (defined) {
      applied.push_back(definitions);
    } else {
      grant_rights(connection, roles, !applied.empty());
    }
  } catch (const pqxx::sql_error& error) {
    fail(step, error);
  }
  return applied;
}

}  // namespace fechatter::postgres
