#include "fechatter_server/command/workspace_import.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/content_hash.hpp"
#include "fechatter_core/postgres/definitions.hpp"

namespace fechatter::server {
namespace {

using Path = std::filesystem::path;
using postgres::in_transaction;

constexpr std::size_t batch_lines_max = 500;
constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;

std::string literal(std::string_view text) {
  std::string quoted{"'"};
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

nlohmann::ordered_json read_manifest(const Path& folder) {
  std::ifstream in{folder / "manifest.json"};
  if (!in) throw std::runtime_error{folder.string() + ": has no manifest.json"};
  auto manifest = nlohmann::ordered_json::parse(in);
  if (manifest.at("format") != archive_format) {
    throw std::runtime_error{folder.string() + ": is no archive of a workspace"};
  }
  if (manifest.at("version") != archive_version) {
    throw std::runtime_error{fmt::format("{}: is of version {} of the format, not {}",
                                         folder.string(), manifest.at("version").dump(),
                                         archive_version)};
  }
  return manifest;
}

// Before anything is written: that each table is what the manifest says.
void require_whole(const nlohmann::ordered_json& manifest, const Path& folder) {
  const auto& tables = manifest.at("tables");
  if (tables.size() != archived_tables().size()) {
    throw std::runtime_error{"the archive has other tables than this program"};
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& name = archived_tables()[i].name;
    const auto path = folder / "tables" / (name + ".jsonl");
    std::ifstream in{path, std::ios::binary};
    file::ContentHash hash;
    std::size_t count = 0;
    for (std::string line; std::getline(in, line); ++count) {
      if (line.find('\0') != std::string::npos) {
        throw std::runtime_error{path.string() + ": has a zero byte"};
      }
      hash.add(line + "\n");
    }
    if (tables[i].at("name") != name || tables[i].at("rows") != count ||
        tables[i].at("sha256") != hash.finish()) {
      throw std::runtime_error{path.string() + ": is not what the manifest says"};
    }
  }
}

void require_schema(postgres::Connection& connection, const nlohmann::ordered_json& manifest) {
  const auto ours =
      connection.run_script("SELECT max(version) FROM schema_migrations")[0][0].as<int>();
  if (manifest.at("schema") == ours) return;
  throw std::runtime_error{fmt::format(
      "the archive is of schema {}, the database of {}: import it with the release that "
      "exported it, then upgrade",
      manifest.at("schema").dump(), ours)};
}

// Rolls back unless it was committed.
class Transaction {
 public:
  explicit Transaction(postgres::Connection& connection) : connection_{connection} {
    connection_.run_script("BEGIN; SET LOCAL TimeZone = 'UTC'");
  }
  ~Transaction() {
    if (committed_) return;
    try {
      connection_.run_script("ROLLBACK");
    } catch (const std::exception&) {
      connection_.close();
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  pqxx::result run(const std::string& sql) { return connection_.run_script(in_transaction + sql); }
  void commit() {
    run("COMMIT");
    committed_ = true;
  }

 private:
  postgres::Connection& connection_;
  bool committed_ = false;
};

void insert_lines(Transaction& transaction, const ArchivedTable& table, const std::string& columns,
                  const std::string& lines) {
  if (lines.empty()) return;
  transaction.run(fmt::format(
      "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(NULL::{0}, {2}::json)",
      table.name, columns, literal("[" + lines + "]")));
}

void import_table(Transaction& transaction, postgres::Connection& connection,
                  const ArchivedTable& table, const Path& path) {
  const auto columns = archived_columns(connection, table);
  std::ifstream in{path, std::ios::binary};
  std::string lines;
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) {
    lines += (lines.empty() ? "" : ",") + line;
    if (++count < batch_lines_max && lines.size() < batch_bytes_max) continue;
    insert_lines(transaction, table, columns, lines);
    lines.clear();
    count = 0;
  }
  insert_lines(transaction, table, columns, lines);
}

// The owner is a user, and users refer to the workspace: the one row that is completed afterwards.
void set_owner(Transaction& transaction, std::int64_t workspace) {
  transaction.run(fmt::format(
      "UPDATE workspaces SET owner_id = (SELECT u.id FROM users u WHERE u.workspace_id = {0} "
      "AND u.role = 'owner') WHERE id = {0}",
      workspace));
}

// No id is given twice: neither of a row, nor of an event that a row names as its version.
void advance_sequences(Transaction& transaction) {
  transaction.run(R"(
DO $$
DECLARE
  item record;
  highest bigint;
BEGIN
  FOR item IN
    SELECT c.oid::regclass AS of_table, a.attname AS of_column,
           pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS sequence
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  LOOP
    EXECUTE format('SELECT max(%I) FROM %s', item.of_column, item.of_table) INTO highest;
    PERFORM setval(item.sequence, greatest(highest, nextval(item.sequence)));
  END LOOP;
  PERFORM setval('outbox_id_seq', greatest(
    nextval('outbox_id_seq'),
    (SELECT max(greatest(event_id, member_event_id)) FROM chats),
    (SELECT max(read_event_id) FROM chat_members), (SELECT max(event_id) FROM messages),
    (SELECT max(event_id) FROM message_annotations), (SELECT max(event_id) FROM threads),
    (SELECT max(version) FROM drafts)));
  PERFORM setval('pin_number_seq', greatest(
    nextval('pin_number_seq'), (SELECT max(pin_number) FROM message_annotations)));
END $$)");
}

void import_files(Transaction& transaction, file::FileStore& store, std::int64_t workspace,
                  const Path& folder) {
  for (const auto& row : transaction.run(fmt::format(
           "SELECT hash, extension, size FROM files WHERE workspace_id = {}", workspace))) {
    const ArchivedFile file{{WorkspaceId{workspace}, row[0].c_str(), row[1].c_str()},
                            row[2].as<std::uint64_t>()};
    copy_to_store(store, file, folder / "files" / file.name());
  }
  transaction.run(
      fmt::format("UPDATE files SET thumbnail_state = 'pending', "
                  "thumbnails_due_at = clock_timestamp() "
                  "WHERE workspace_id = {} AND is_picture(media_type)",
                  workspace));
}

}  // namespace

nlohmann::ordered_json import_workspace(postgres::Connection& connection, file::FileStore& store,
                                        const Path& folder,
                                        const std::function<void(std::int64_t)>& before_commit) {
  auto manifest = read_manifest(folder);
  require_whole(manifest, folder);
  require_schema(connection, manifest);
  const auto workspace = manifest.at("workspace").at("id").get<std::int64_t>();
  Transaction transaction{connection};
  try {
    for (const auto& table : archived_tables()) {
      import_table(transaction, connection, table, folder / "tables" / (table.name + ".jsonl"));
    }
  } catch (const pqxx::unique_violation& error) {
    const std::string reason{error.what()};
    throw invalid_field("archive", "an id, an address or the name is taken: " +
                                       reason.substr(0, reason.find('\n')));
  }
  set_owner(transaction, workspace);
  advance_sequences(transaction);
  import_files(transaction, store, workspace, folder);
  before_commit(workspace);
  transaction.commit();
  return manifest;
}

}  // namespace fechatter::server
