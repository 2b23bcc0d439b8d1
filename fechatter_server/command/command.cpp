#include "fechatter_server/command/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

namespace fechatter::server {
namespace {

// "admin sessions list" of the innermost one.
std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  if (parent == nullptr || parent->get_parent() == nullptr) return app.get_name();
  return path_of(*parent) + " " + app.get_name();
}

}  // namespace

ServerSettings CommandInput::settings() const {
  auto loaded = load_settings(sources);
  set_up_log(loaded.log, "fechatter_server");
  return loaded;
}

CLI::App& CommandTable::add_group(const std::string& name, const std::string& description) {
  auto* group = root_.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

CLI::App& CommandTable::add(CLI::App& group, const std::string& name,
                            const std::string& description, CommandRun run) {
  auto* app = group.add_subcommand(name, description);
  entries_.push_back({app, std::move(run)});
  return *app;
}

void CommandTable::set_run(CLI::App& group, CommandRun run) {
  group.require_subcommand(0, 1);
  entries_.push_back({&group, std::move(run)});
}

CommandTable::Chosen CommandTable::chosen() const {
  const auto innermost = [](const Entry& entry) {
    return entry.app->parsed() && entry.app->get_subcommands().empty();
  };
  const auto found = std::find_if(entries_.begin(), entries_.end(), innermost);
  if (found == entries_.end()) return {"serve", {}};
  return {path_of(*found->app), found->run};
}

void print_report(const CommandInput& input, const nlohmann::ordered_json& object,
                  std::string_view text) {
  if (input.json) {
    nlohmann::ordered_json whole{{"command", input.name}};
    whole.update(object);
    fmt::print("{}\n", whole.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", text);
  }
  std::fflush(stdout);
}

const std::string& owner_url(const ServerSettings& settings) {
  return settings.migration_url.empty() ? settings.database_url : settings.migration_url;
}

}  // namespace fechatter::server
