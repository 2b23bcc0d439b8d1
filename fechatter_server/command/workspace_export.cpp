#include "fechatter_server/command/workspace_export.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "fechatter_core/file/content_hash.hpp"
#include "fechatter_core/postgres/definitions.hpp"

namespace fechatter::server {
namespace {

using Path = std::filesystem::path;
using postgres::in_transaction;

// Ends the snapshot whatever happens.
class Snapshot {
 public:
  explicit Snapshot(postgres::Connection& connection) : connection_{connection} {
    connection_.run_script(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TimeZone = 'UTC'");
  }
  ~Snapshot() {
    try {
      connection_.run_script("ROLLBACK");
    } catch (const std::exception&) {
      connection_.close();
    }
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  postgres::Connection& connection_;
};

// Strings have no line breaks of their own in JSON; what PostgreSQL put between values is replaced.
std::string rows_of(const ArchivedTable& table, const std::string& columns,
                    std::int64_t workspace) {
  return fmt::format(
      "SELECT replace(row_to_json(r)::text, E'\\n', ' ') FROM (SELECT {} FROM {} t WHERE {} "
      "ORDER BY {}) r",
      columns, table.name, fmt::format(fmt::runtime(table.condition), workspace), table.order);
}

nlohmann::ordered_json export_table(postgres::Connection& connection, const ArchivedTable& table,
                                    std::int64_t workspace, const Path& folder) {
  const auto path = folder / (table.name + ".jsonl");
  std::ofstream out{path, std::ios::binary};
  file::ContentHash hash;
  std::size_t count = 0;
  connection.run_script(in_transaction +
                        ("DECLARE archived NO SCROLL CURSOR FOR " +
                         rows_of(table, archived_columns(connection, table), workspace)));
  while (true) {
    const auto rows =
        connection.run_script(std::string{in_transaction} + "FETCH 1000 FROM archived");
    if (rows.empty()) break;
    for (const auto& row : rows) {
      const auto line = std::string{row[0].c_str()} + "\n";
      hash.add(line);
      out << line;
    }
    count += rows.size();
  }
  connection.run_script(std::string{in_transaction} + "CLOSE archived");
  out.close();
  if (!out) throw std::runtime_error{path.string() + ": cannot be written"};
  return {{"name", table.name}, {"rows", count}, {"sha256", hash.finish()}};
}

std::vector<ArchivedFile> files_of(postgres::Connection& connection, std::int64_t workspace) {
  std::vector<ArchivedFile> files;
  for (const auto& row : connection.run_script(fmt::format(
           "{}SELECT hash, extension, size FROM files WHERE workspace_id = {} AND stored_at IS NOT "
           "NULL AND removing_since IS NULL ORDER BY id",
           in_transaction, workspace))) {
    files.push_back(
        {{WorkspaceId{workspace}, row[0].c_str(), row[1].c_str()}, row[2].as<std::uint64_t>()});
  }
  return files;
}

void make_folder(const Path& folder) {
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
    throw std::runtime_error{folder.string() + ": is not empty"};
  }
  std::filesystem::create_directories(folder / "tables");
  std::filesystem::create_directory(folder / "files");
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

}  // namespace

nlohmann::ordered_json export_workspace(postgres::Connection& connection, file::FileStore& store,
                                        std::int64_t workspace, const Path& folder) {
  make_folder(folder);
  const Snapshot snapshot{connection};
  const auto about = connection.run_script(
      fmt::format("{}SELECT w.name, (SELECT max(version) FROM schema_migrations) FROM workspaces w "
                  "WHERE w.id = {}",
                  in_transaction, workspace));
  nlohmann::ordered_json manifest{{"format", archive_format},
                                  {"version", archive_version},
                                  {"schema", about[0][1].as<int>()},
                                  {"workspace", {{"id", workspace}, {"name", about[0][0].c_str()}}},
                                  {"tables", nlohmann::ordered_json::array()}};
  for (const auto& table : archived_tables()) {
    manifest["tables"].push_back(export_table(connection, table, workspace, folder / "tables"));
  }
  const auto files = files_of(connection, workspace);
  for (const auto& file : files) copy_from_store(store, file, folder / "files" / file.name());
  manifest["files"] = files.size();
  std::ofstream out{folder / "manifest.json", std::ios::binary};
  out << manifest.dump(2) << "\n";
  out.close();
  if (!out) throw std::runtime_error{(folder / "manifest.json").string() + ": cannot be written"};
  return manifest;
}

}  // namespace fechatter::server
