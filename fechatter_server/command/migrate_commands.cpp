#include "fechatter_server/command/migrate_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "fechatter_core/postgres/schema_state.hpp"
#include "fechatter_server/command/audit.hpp"
#include "fechatter_server/command/founding_commands.hpp"
#include "fechatter_server/command/text_table.hpp"

namespace fechatter::server {
namespace {

using postgres::MigrationState;

const char* kind_name(MigrationState::Kind kind) {
  switch (kind) {
    case MigrationState::Kind::applied: return "applied";
    case MigrationState::Kind::pending: return "pending";
    case MigrationState::Kind::changed: return "changed";
    case MigrationState::Kind::unknown: return "unknown";
  }
  return "unknown";
}

int apply(const CommandInput& input) {
  const auto settings = input.settings();
  const auto applied = run_migrations(settings, input.json);
  if (!applied.empty()) add_audit(settings, input, "schema.migrate");
  // People read what was applied in the log.
  print_report(input, {{"applied", applied}, {"request_id", input.request_id}}, {});
  return exit_code::done;
}

postgres::SchemaState state_of(const ServerSettings& settings, const postgres::Schema& schema) {
  postgres::Connection connection{settings.database_url};
  return postgres::read_schema_state(connection, schema);
}

int show_migrations(const CommandInput& input) {
  const auto settings = input.settings();
  const auto state = state_of(settings, postgres::read_schema(settings.migrations));
  auto list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines{{"migration", "state", "applied at"}};
  for (const auto& migration : state.migrations) {
    list.push_back({{"name", migration.name},
                    {"state", kind_name(migration.kind)},
                    {"applied_at", migration.applied_at}});
    lines.push_back({migration.name, kind_name(migration.kind), migration.applied_at});
  }
  const auto text =
      text_table(lines) +
      fmt::format("definitions: release {} in the database, {} in the files{}\n", state.release,
                  state.release_of_files, state.definitions_differ ? ", to be applied" : "");
  print_report(input,
               {{"migrations", list},
                {"release", state.release},
                {"release_of_files", state.release_of_files},
                {"definitions_differ", state.definitions_differ},
                {"pending", state.is_pending()}},
               text);
  return exit_code::done;
}

int show_plan(const CommandInput& input) {
  const auto settings = input.settings();
  const auto schema = postgres::read_schema(settings.migrations);
  const auto state = state_of(settings, schema);
  std::vector<std::string> steps;
  for (const auto& migration : state.migrations) {
    if (migration.kind == MigrationState::Kind::pending) steps.push_back(migration.name);
  }
  const bool locks = !steps.empty();
  if (state.definitions_differ) {
    steps.push_back(fmt::format("definitions of release {}", state.release_of_files));
  }
  std::string text;
  for (const auto& step : steps) text += step + "\n";
  if (steps.empty()) text = "Nothing is to be applied.\n";
  if (locks) text += "All tables are locked meanwhile: requests wait.\n";
  print_report(input, {{"steps", steps}, {"locks_all_tables", locks}}, text);
  return exit_code::done;
}

// What differs from the files, a line each.
std::vector<std::string> differences_of(const ServerSettings& settings,
                                        const postgres::Schema& schema) {
  const auto state = state_of(settings, schema);
  std::vector<std::string> found;
  for (const auto& migration : state.migrations) {
    if (migration.kind == MigrationState::Kind::applied) continue;
    found.push_back(fmt::format("{} migration {}", kind_name(migration.kind), migration.name));
  }
  for (const auto& index : state.invalid_indexes) found.push_back("invalid index " + index);
  if (state.definitions_differ) {
    found.push_back(fmt::format("pending definitions of release {}", state.release_of_files));
  } else if (state.release > state.release_of_files) {
    found.push_back(fmt::format("definitions of a newer release, {}", state.release));
  } else {
    postgres::Connection owner{owner_url(settings)};
    for (auto& text : postgres::find_changed_definitions(owner, schema.definitions)) {
      found.push_back(std::move(text));
    }
  }
  return found;
}

int verify_schema(const CommandInput& input) {
  const auto settings = input.settings();
  const auto found = differences_of(settings, postgres::read_schema(settings.migrations));
  std::string text;
  for (const auto& difference : found) text += difference + "\n";
  if (found.empty()) text = "The database is what the files say.\n";
  print_report(input, {{"differences", found}}, text);
  return found.empty() ? exit_code::done : exit_code::failed;
}

}  // namespace

std::vector<std::string> run_migrations(const ServerSettings& settings, bool json) {
  const auto schema = postgres::read_schema(settings.migrations);
  const auto& owner = owner_url(settings);
  auto applied = postgres::migrate(
      owner, schema, {postgres::role_of(settings.database_url), settings.notify_role});
  for (const auto& name : applied) spdlog::info("migrated: {}", name);
  print_founding_token(settings, owner, json);
  return applied;
}

void add_migrate_commands(CommandTable& table) {
  auto& group = table.add_group("migrate", "Apply the migrations; or compare them first");
  table.set_run(group, apply);
  table.add(group, "status", "Which migrations are applied, and when", show_migrations);
  table.add(group, "plan", "What `migrate` would apply", show_plan);
  table.add(group, "verify", "Compare the database with the files: exit code 1 if it differs",
            verify_schema);
}

}  // namespace fechatter::server
