#include "fechatter_core/postgres/definitions.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/postgres/sql_file.hpp"

namespace fechatter::postgres {
namespace {

constexpr int attempts_max = 120;
constexpr std::chrono::milliseconds attempt_pause{300};

constexpr const char* make_tables =
    "CREATE TABLE schema_release ("
    "only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), release integer NOT NULL, "
    "checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp());"
    "CREATE TABLE schema_definitions ("
    "kind text NOT NULL, name text NOT NULL, checksum bytea, definition text, "
    "PRIMARY KEY (kind, name), CONSTRAINT view_is_in_the_file_of_its_name "
    "CHECK ((kind = 'view') = (definition IS NOT NULL)))";

constexpr const char* select_release = "SELECT release, checksum FROM schema_release";

// A view's definition as the catalog has it; NULL when there is no such view.
#define DEFINITION_OF_VIEW(name)                                                       \
  "(SELECT pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, '') FROM pg_class c " \
  "WHERE c.oid = to_regclass(" name "))"

constexpr const char* select_unchanged_views =
    "SELECT name, checksum FROM schema_definitions "
    "WHERE kind = 'view' AND definition = " DEFINITION_OF_VIEW("name");

// The lock is given up before PostgreSQL looks for a deadlock (deadlock_timeout, 1 s), so that it
// never ends a request. Bodies are not checked while the functions that they call are yet to come.
constexpr const char* begin_transaction =
    "BEGIN; SET LOCAL lock_timeout = '200ms'; SET LOCAL check_function_bodies = off;";

// Every function of the files was replaced in this transaction: xmin tells them from others.
constexpr const char* drop_former_functions = R"(
DO $$
DECLARE
  former text;
BEGIN
  FOR former IN
    SELECT d.name FROM schema_definitions d WHERE d.kind = 'function' AND NOT EXISTS (
      SELECT FROM pg_proc p WHERE p.xmin = pg_current_xact_id()::xid
                              AND p.oid::regprocedure::text = d.name)
  LOOP
    EXECUTE 'DROP FUNCTION IF EXISTS ' || former;
  END LOOP;
END $$;)";

// Not those of an extension that a numbered file has created in this transaction.
constexpr const char* record_functions = R"(
DELETE FROM schema_definitions;
INSERT INTO schema_definitions (kind, name)
  SELECT 'function', p.oid::regprocedure::text FROM pg_proc p
  WHERE p.pronamespace = 'public'::regnamespace AND p.xmin = pg_current_xact_id()::xid
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                                              AND d.objid = p.oid AND d.deptype = 'e');)";

std::string record_of(const ViewDefinition& view) {
  return fmt::format(
      "INSERT INTO schema_definitions VALUES ('view', '{0}', '{1}', " DEFINITION_OF_VIEW(
          "'{0}'") ");\n",
      view.name, view.checksum);
}

#undef DEFINITION_OF_VIEW

std::string as_literal(const std::string& text) {
  std::string literal{"'"};
  for (const char c : text) literal += c == '\'' ? std::string{"''"} : std::string{c};
  return literal + "'";
}

std::vector<std::filesystem::path> sql_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".sql") continue;
    const auto name = entry.path().stem().string();
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) {
      throw std::runtime_error{entry.path().string() + ": the name is no identifier"};
    }
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int read_release(const std::filesystem::path& path) {
  try {
    const auto release = std::stoi(read_sql_file(path));
    if (release > 0) return release;
  } catch (const std::logic_error&) {}
  throw std::runtime_error{path.string() + ": expected a number from 1"};
}

// Those that are neither new, nor changed in the files, nor by hand in the database.
std::set<std::string> unchanged_views(Connection& connection, const Definitions& definitions) {
  std::set<std::string> unchanged;
  for (const auto& row : connection.run_script(select_unchanged_views)) {
    for (const auto& view : definitions.views) {
      if (view.name == row[0].c_str() && view.checksum == row[1].c_str()) {
        unchanged.insert(view.name);
      }
    }
  }
  return unchanged;
}

// Functions first, because a former function may have the type of a former view.
std::string drop_former_views(const Definitions& definitions, Connection& connection) {
  std::string script;
  for (const auto& row :
       connection.run_script("SELECT name FROM schema_definitions WHERE kind = 'view'")) {
    const std::string name = row[0].c_str();
    const bool defined = std::any_of(definitions.views.begin(), definitions.views.end(),
                                     [&](const auto& view) { return view.name == name; });
    if (!defined) script += "DROP VIEW IF EXISTS " + name + ";\n";
  }
  return script;
}

std::string script_of(Connection& connection, const Definitions& definitions) {
  const auto unchanged = unchanged_views(connection, definitions);
  std::string script{definitions.values};
  for (const auto& view : definitions.views) {
    if (!unchanged.contains(view.name)) script += view.sql;
  }
  script += definitions.functions;
  script += drop_former_functions;
  script += drop_former_views(definitions, connection);
  script += record_functions;
  for (const auto& view : definitions.views) script += record_of(view);
  script += fmt::format(
      "INSERT INTO schema_release (release, checksum) VALUES ({}, '{}') ON CONFLICT (only_row) "
      "DO UPDATE SET release = excluded.release, checksum = excluded.checksum, "
      "applied_at = excluded.applied_at",
      definitions.release, definitions.checksum);
  return script;
}

// Another transaction holds a lock (55P03, or a deadlock where deadlock_timeout is shorter), or
// changes the same row of the catalog (XX000).
bool may_be_tried_again(const pqxx::failure& failure) {
  if (dynamic_cast<const pqxx::transaction_rollback*>(&failure) != nullptr) return true;
  const auto* error = dynamic_cast<const pqxx::sql_error*>(&failure);
  return error != nullptr && (error->sqlstate() == "55P03" || error->sqlstate() == "XX000");
}

std::string grants_of(const ServerRoles& roles) {
  std::string script;
  if (!roles.application.empty()) {
    script += "; SELECT grant_application_rights(" + as_literal(roles.application) + ")";
  }
  if (!roles.notify.empty()) {
    script += "; SELECT grant_notify_rights(" + as_literal(roles.notify) + ")";
  }
  return script;
}

void apply_once(Connection& connection, const Definitions& definitions, bool due,
                const ServerRoles& roles, const std::function<void()>& before) {
  connection.run_script(begin_transaction);
  if (before) before();
  std::string script{in_transaction};
  if (due) script += script_of(connection, definitions) + grants_of(roles) + ";";
  connection.run_script(script + "COMMIT");
}

bool are_due(Connection& connection, const Definitions& definitions) {
  const auto recorded = connection.run_script(select_release);
  if (recorded.empty()) return true;
  const auto release = recorded[0][0].as<int>();
  if (release > definitions.release) {
    spdlog::info(
        "migrations: the database has the definitions of release {}; those of {} are older",
        release, definitions.release);
    return false;
  }
  return definitions.checksum != recorded[0][1].c_str();
}

}  // namespace

Definitions read_definitions(const std::string& folder) {
  const std::filesystem::path root{folder};
  Definitions definitions;
  definitions.release = read_release(root / "release");
  auto all = std::to_string(definitions.release);
  const auto read = [&all](const std::filesystem::path& path) {
    const auto sql = read_sql_file(path) + "\n";
    all += '\0' + path.filename().string() + '\0' + sql;
    return sql;
  };
  for (const auto& path : sql_files(root / "functions")) {
    (path.stem() == "values" ? definitions.values : definitions.functions) += read(path);
  }
  for (const auto& path : sql_files(root / "views")) {
    const auto sql = read(path);
    definitions.views.push_back({path.stem().string(), sql, checksum_of(sql)});
  }
  definitions.checksum = checksum_of(all);
  return definitions;
}

void create_definition_tables(Connection& connection) {
  connection.run_script(make_tables);
}

bool apply_definitions(Connection& connection, const Definitions& definitions,
                       const ServerRoles& roles, const std::function<void()>& before) {
  const bool due = are_due(connection, definitions);
  if (!due && !before) return false;
  for (int attempt = 1;; ++attempt) {
    try {
      apply_once(connection, definitions, due, roles, before);
      return due;
    } catch (const pqxx::failure& error) {
      connection.run_script("ROLLBACK");
      if (!may_be_tried_again(error) || attempt == attempts_max) throw;
      if (attempt == 1) spdlog::info("migrations: waiting for a lock: {}", error.what());
    }
    std::this_thread::sleep_for(attempt_pause);
  }
}

}  // namespace fechatter::postgres
