#include "fechatter_server/command/workspace_transfer.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/definitions.hpp"
#include "fechatter_core/text/name.hpp"
#include "fechatter_server/command/workspace_export.hpp"
#include "fechatter_server/command/workspace_import.hpp"
#include "fechatter_server/file/file_store_choice.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

// In which the servers notice that sessions are over, and end the requests that have begun.
constexpr std::chrono::seconds closing_time{3};

constexpr Statement find_workspace{"operator_find_workspace",
                                   "SELECT id, name FROM workspaces WHERE name_key = $1"};
constexpr Statement add_row{"add_audit", "SELECT add_audit($1, $2, $3, $4, $5)"};
constexpr Statement close_workspace{"operator_close_workspace",
                                    "SELECT operator_close_workspace($1)"};
constexpr Statement delete_workspace{"operator_delete_workspace",
                                     "SELECT operator_delete_workspace($1)"};
constexpr Statement list_files{
    "operator_list_files",
    "SELECT hash, extension, size FROM files WHERE workspace_id = $1 ORDER BY id"};

struct TransferArguments {
  std::string workspace;
  std::string folder;
  std::string confirmed;
};

std::int64_t require_workspace(Connection& connection, const std::string& typed) {
  const auto read = read_name(typed, workspace_name_length_max);
  const auto rows = connection.run(find_workspace, read.name.key);
  if (rows.empty()) throw invalid_field("workspace", "does not exist");
  return rows[0][0].as<std::int64_t>();
}

std::string named_target(std::int64_t workspace) {
  return fmt::format("workspace {}", workspace);
}

int run_export(const CommandInput& input, const TransferArguments& arguments) {
  const auto settings = input.settings();
  Connection connection{owner_url(settings)};
  const auto id = require_workspace(connection, arguments.workspace);
  const auto store = make_file_store(settings.files);
  const auto manifest = export_workspace(connection, *store, id, arguments.folder);
  connection.run(add_row, id, input.actor, "workspace.export", named_target(id), input.request_id);
  print_report(input, {{"workspace", id}, {"manifest", manifest}, {"request_id", input.request_id}},
               fmt::format("Workspace {} is in {}, with {} files.\n", id, arguments.folder,
                           manifest.at("files").get<std::size_t>()));
  return exit_code::done;
}

int run_import(const CommandInput& input, const TransferArguments& arguments) {
  const auto settings = input.settings();
  Connection connection{owner_url(settings)};
  const auto store = make_file_store(settings.files);
  const auto note = [&](std::int64_t workspace) {
    connection.run_script(postgres::in_transaction +
                          fmt::format("SELECT add_audit({}, {}, 'workspace.import', '{}', '{}')",
                                      workspace, "$actor$" + input.actor + "$actor$",
                                      named_target(workspace), input.request_id));
  };
  const auto manifest = import_workspace(connection, *store, arguments.folder, note);
  const auto id = manifest.at("workspace").at("id").get<std::int64_t>();
  print_report(input, {{"workspace", id}, {"manifest", manifest}, {"request_id", input.request_id}},
               fmt::format("Workspace {} is imported. Its users sign in again; `search reindex "
                           "--workspace {}` lets its messages be found.\n",
                           id, id));
  return exit_code::done;
}

// The bytes last: what is left of them when this is interrupted, `files verify` finds.
std::size_t delete_rows_and_files(Connection& connection, file::FileStore& store,
                                  std::int64_t workspace) {
  const auto files = connection.run(list_files, workspace);
  connection.run(delete_workspace, workspace);
  for (const auto& row : files) {
    remove_from_store(store, {WorkspaceId{workspace}, row[0].c_str(), row[1].c_str()});
  }
  return files.size();
}

int run_deletion(const CommandInput& input, const TransferArguments& arguments) {
  const auto settings = input.settings();
  if (arguments.confirmed != arguments.workspace) {
    throw invalid_field("confirm", "must be the name of the workspace");
  }
  Connection connection{owner_url(settings)};
  const auto id = require_workspace(connection, arguments.workspace);
  const auto store = make_file_store(settings.files);
  connection.run(add_row, id, input.actor, "workspace.delete", named_target(id), input.request_id);
  connection.run(close_workspace, id);
  std::this_thread::sleep_for(closing_time);
  const auto files = delete_rows_and_files(connection, *store, id);
  print_report(input, {{"workspace", id}, {"files", files}, {"request_id", input.request_id}},
               fmt::format("Workspace {} is deleted, with {} files.\n", id, files));
  return exit_code::done;
}

using Transfer = int (*)(const CommandInput& input, const TransferArguments& arguments);

}  // namespace

void add_workspace_transfer(CommandTable& table, CLI::App& group) {
  const auto arguments = std::make_shared<TransferArguments>();
  const auto with = [arguments](Transfer run) -> CommandRun {
    return [arguments, run](const CommandInput& input) { return run(input, *arguments); };
  };
  auto& exporting = table.add(group, "export", "Write a workspace into a folder: rows and files",
                              with(run_export));
  auto& importing =
      table.add(group, "import", "Read a workspace from such a folder", with(run_import));
  auto& deleting = table.add(group, "delete", "Delete a workspace for good", with(run_deletion));
  for (auto* command : {&exporting, &deleting}) {
    command->add_option("--workspace", arguments->workspace, "Its name")->required();
  }
  exporting.add_option("--to", arguments->folder, "A new or an empty folder")->required();
  importing.add_option("--from", arguments->folder, "The folder")->required();
  deleting.add_option("--confirm", arguments->confirmed, "Its name once more")->required();
}

}  // namespace fechatter::server
