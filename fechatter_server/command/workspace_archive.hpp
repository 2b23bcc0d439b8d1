#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/postgres/connection.hpp"

// The archive of a workspace: a folder with
//
//   manifest.json          format, version, schema, the workspace, and rows and SHA-256 of each
//   table tables/<table>.jsonl   a line of JSON for each row, in the order of the primary key
//   files/<hash>.<ext>     the bytes of each file
//
// docs/administration.md describes it. Ids are kept, so that an archive which was exported,
// imported and exported again has the same bytes.
namespace fechatter::server {

inline constexpr const char* archive_format = "fechatter-workspace";
inline constexpr int archive_version = 1;

struct ArchivedTable {
  std::string name;
  std::string condition;  // of the rows `t` of the workspace {0}
  std::string order;      // the primary key
  std::string left_out;   // columns, as an array of SQL: "{}" for none
};

// In an order in which a row comes behind those that it refers to.
const std::vector<ArchivedTable>& archived_tables();
// What an archive does not have: sessions, events, the search index, what is under way, and the
// tables of the installation. Each table is in one of the two lists.
const std::vector<std::string>& unarchived_tables();

// The columns of a table that an archive has, as a list of SQL.
std::string archived_columns(postgres::Connection& connection, const ArchivedTable& table);

struct ArchivedFile {
  file::FileKey key;
  std::uint64_t size = 0;

  std::string name() const { return key.hash + "." + key.extension; }
};

// Copies a file of the store to a path and back; both check its size and its hash. Throw
// std::runtime_error for a file that is missing or has other bytes, and what FileStore throws.
void copy_from_store(file::FileStore& store, const ArchivedFile& file,
                     const std::filesystem::path& path);
void copy_to_store(file::FileStore& store, const ArchivedFile& file,
                   const std::filesystem::path& path);
void remove_from_store(file::FileStore& store, const file::FileKey& key);

}  // namespace fechatter::server
