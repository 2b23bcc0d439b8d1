#include "fechatter_core/postgres/schema_state.hpp"

#include <algorithm>
#include <map>

namespace fechatter::postgres {
namespace {

constexpr const char* has_table = "SELECT to_regclass('schema_migrations') IS NOT NULL";
constexpr const char* select_applied =
    "SELECT version, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM schema_migrations ORDER BY version";
constexpr const char* select_definitions = "SELECT release, checksum FROM schema_release";
constexpr const char* select_invalid_indexes =
    "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1";

// Those of extensions are not ours.
constexpr const char* select_functions = R"(
SELECT p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)),
       p.xmin = pg_current_xact_id()::xid
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                                            AND d.objid = p.oid AND d.deptype = 'e'))";

// schema_definitions has what PostgreSQL made of each file when it was applied.
constexpr const char* select_views = R"(
SELECT s.name, c.oid IS NOT NULL,
       coalesce(s.definition = pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, ''), false)
FROM schema_definitions s LEFT JOIN pg_class c ON c.oid = to_regclass(s.name)
WHERE s.kind = 'view' ORDER BY s.name)";

using Functions = std::map<std::string, std::string>;  // a checksum by signature

using Kind = MigrationState::Kind;

std::vector<MigrationState> compare_migrations(Connection& connection, const Schema& schema) {
  std::map<int, MigrationState> states;
  for (const auto& file : schema.migrations) {
    states[file.version] = {file.version, file.name, Kind::pending, {}};
  }
  for (const auto& row : connection.run_script(select_applied)) {
    const auto version = row[0].as<int>();
    auto& state = states[version];
    state.applied_at = row[3].c_str();
    if (state.name.empty()) {
      state.version = version;
      state.name = row[1].c_str();
      state.kind = Kind::unknown;
      continue;
    }
    const auto same =
        std::any_of(schema.migrations.begin(), schema.migrations.end(), [&](const auto& file) {
          return file.version == version && file.name == row[1].c_str() &&
                 file.checksum == row[2].c_str();
        });
    state.kind = same ? Kind::applied : Kind::changed;
  }
  std::vector<MigrationState> sorted;
  for (auto& [version, state] : states) sorted.push_back(std::move(state));
  return sorted;
}

// Ends the transaction whatever happens: nothing of it may stay.
class RolledBack {
 public:
  explicit RolledBack(Connection& connection) : connection_{connection} {
    connection_.run_script(
        "BEGIN; SET LOCAL lock_timeout = '5s'; SET LOCAL check_function_bodies = off");
  }
  ~RolledBack() {
    try {
      connection_.run_script("ROLLBACK");
    } catch (const std::exception&) {
      connection_.close();
    }
  }
  RolledBack(const RolledBack&) = delete;
  RolledBack& operator=(const RolledBack&) = delete;

 private:
  Connection& connection_;
};

std::vector<std::string> compare_functions(Connection& connection, const Definitions& definitions) {
  const RolledBack transaction{connection};
  Functions before;
  for (const auto& row : connection.run_script(select_functions)) {
    before[row[0].c_str()] = row[1].c_str();
  }
  connection.run_script(in_transaction + definitions.values + definitions.functions);
  std::vector<std::string> found;
  for (const auto& row : connection.run_script(std::string{in_transaction} + select_functions)) {
    const std::string name = row[0].c_str();
    const auto known = before.find(name);
    if (!row[2].as<bool>()) {
      found.push_back("foreign function " + name);
    } else if (known == before.end()) {
      found.push_back("missing function " + name);
    } else if (known->second != row[1].c_str()) {
      found.push_back("changed function " + name);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

bool SchemaState::is_pending() const {
  return definitions_differ || std::any_of(migrations.begin(), migrations.end(),
                                           [](const auto& m) { return m.kind == Kind::pending; });
}

bool SchemaState::is_damaged() const {
  return !invalid_indexes.empty() ||
         std::any_of(migrations.begin(), migrations.end(),
                     [](const auto& m) { return m.kind == Kind::changed; });
}

SchemaState read_schema_state(Connection& connection, const Schema& schema) {
  SchemaState state;
  state.release_of_files = schema.definitions.release;
  state.made = connection.run_script(has_table)[0][0].as<bool>();
  if (!state.made) {
    for (const auto& file : schema.migrations) {
      state.migrations.push_back({file.version, file.name, Kind::pending, {}});
    }
    state.definitions_differ = true;
    return state;
  }
  state.migrations = compare_migrations(connection, schema);
  const auto recorded = connection.run_script(select_definitions);
  if (!recorded.empty()) state.release = recorded[0][0].as<int>();
  const bool same = !recorded.empty() && schema.definitions.checksum == recorded[0][1].c_str();
  state.definitions_differ = !same && state.release <= state.release_of_files;
  for (const auto& row : connection.run_script(select_invalid_indexes)) {
    state.invalid_indexes.emplace_back(row[0].c_str());
  }
  return state;
}

std::vector<std::string> find_changed_definitions(Connection& connection,
                                                  const Definitions& definitions) {
  std::vector<std::string> found;
  for (const auto& row : connection.run_script(select_views)) {
    const std::string name = row[0].c_str();
    if (!row[1].as<bool>()) {
      found.push_back("missing view " + name);
    } else if (!row[2].as<bool>()) {
      found.push_back("changed view " + name);
    }
  }
  auto functions = compare_functions(connection, definitions);
  found.insert(found.end(), functions.begin(), functions.end());
  return found;
}

}  // namespace fechatter::postgres
