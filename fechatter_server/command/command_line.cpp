#include "fechatter_server/command/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <pqxx/pqxx>

#include "fechatter_core/error.hpp"
#include "fechatter_server/command/account_commands.hpp"
#include "fechatter_server/command/audit.hpp"
#include "fechatter_server/command/config_commands.hpp"
#include "fechatter_server/command/doctor_commands.hpp"
#include "fechatter_server/command/file_commands.hpp"
#include "fechatter_server/command/founding_commands.hpp"
#include "fechatter_server/command/key_commands.hpp"
#include "fechatter_server/command/migrate_commands.hpp"
#include "fechatter_server/command/outbox_commands.hpp"
#include "fechatter_server/command/search_commands.hpp"
#include "fechatter_server/command/serve_command.hpp"
#include "fechatter_server/command/session_commands.hpp"
#include "fechatter_server/command/web_commands.hpp"
#include "fechatter_server/command/workspace_commands.hpp"

namespace fechatter::server {
namespace {

struct Failure {
  int code;
  std::string message;
  std::vector<FieldError> fields = {};
};

bool means_unreachable(ErrorCode code) {
  constexpr std::array unreachable{ErrorCode::database_unavailable, ErrorCode::nats_unavailable,
                                   ErrorCode::search_unavailable, ErrorCode::storage_unavailable};
  return std::find(unreachable.begin(), unreachable.end(), code) != unreachable.end();
}

// What is thrown by a command, as the exit code and the text that operators understand.
Failure failure_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ConfigError& error) {
    return {exit_code::wrong_configuration, error.what()};
  } catch (const Error& error) {
    const bool away = means_unreachable(error.code());
    return {away ? exit_code::unreachable : exit_code::failed, error.what(), error.fields()};
  } catch (const pqxx::insufficient_privilege& error) {
    return {exit_code::wrong_configuration,
            fmt::format("{}; database.migration_url must name the role that owns the schema",
                        error.what())};
  } catch (const pqxx::undefined_table&) {
    return {exit_code::failed, "the database has no such table: `migrate status` says why"};
  } catch (const pqxx::undefined_function&) {
    return {exit_code::failed, "the database has no such function: `migrate status` says why"};
  } catch (const std::exception& error) {
    return {exit_code::failed, error.what()};
  }
}

void print_failure(const CommandInput& input, const Failure& failure) {
  if (failure.fields.empty()) fmt::print(stderr, "fechatter_server: {}\n", failure.message);
  auto fields = nlohmann::ordered_json::array();
  for (const auto& [field, detail] : failure.fields) {
    fmt::print(stderr, "{}: {}\n", field, detail);
    fields.push_back({{"field", field}, {"detail", detail}});
  }
  if (!input.json) return;
  print_report(input, {{"error", {{"message", failure.message}, {"fields", fields}}}}, {});
}

void add_commands(CommandTable& table) {
  table.root().add_subcommand("serve", "Serve (the default)");
  add_migrate_commands(table);
  add_config_commands(table);
  add_doctor_command(table);
  add_key_commands(table);
  auto& admin = table.add_group("admin", "What only the operator may do");
  add_create_owner(table, admin);
  add_account_commands(table, admin);
  add_session_commands(table, admin);
  add_workspace_commands(table);
  add_outbox_commands(table);
  add_search_commands(table);
  add_file_commands(table);
  add_web_commands(table);
}

int run(const CommandTable::Chosen& chosen, CommandInput& input) {
  input.name = chosen.name;
  input.sources.environment = process_environment();
  try {
    if (!chosen.run) return serve(input);
    input.actor = operator_name();
    input.request_id = new_request_id();
    return chosen.run(input);
  } catch (...) {
    const auto failure = failure_of(std::current_exception());
    print_failure(input, failure);
    return failure.code;
  }
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App root{"Fechatter: the REST API, and the commands of its operator"};
  CommandInput input;
  root.set_version_flag("--version", FECHATTER_VERSION);
  // The options below may stand behind the command as well.
  root.fallthrough();
  root.add_option("--config", input.sources.file,
                  "A YAML file; config/fechatter_server.yml has all keys");
  root.add_option("--set", input.sources.flags, "section.key=value, overrides all other sources");
  root.add_flag("--json", input.json, "Print one JSON object instead of text");
  CommandTable table{root};
  add_commands(table);
  root.require_subcommand(0, 1);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? exit_code::done : exit_code::wrong_configuration;
  }
  return run(table.chosen(), input);
}

}  // namespace fechatter::server
