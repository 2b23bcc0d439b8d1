#include "fechatter_server/file/postgres_file_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/file/file_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement reserve_statement{"reserve_file",
                                  "SELECT outcome, file_id FROM reserve_file($1, $2, $3, $4, $5, "
                                  "$6, $7, $8)"};

const Statement record_statement{"record_upload",
                                 "SELECT outcome, (upload).* FROM record_upload($1, $2, $3, $4, "
                                 "$5, $6, $7)"};

const Statement select_visible{"visible_files",
                               "SELECT ord, file_id, hash, extension, media_type, size, width, "
                               "height, name FROM visible_files($1, $2, $3, $4)"};

const Statement select_upload{"select_upload", R"(
SELECT r.* FROM upload_rows r JOIN users u ON u.id = r.user_id AND u.status = 'active'
WHERE r.id = $3 AND r.user_id = $2 AND r.workspace_id = $1)"};

const Statement mark_statement{"mark_unused_files", "SELECT mark_unused_files($1, $2)"};

const Statement take_statement{"take_unused_files",
                               "SELECT file_id, workspace_id, hash, extension "
                               "FROM take_unused_files($1, $2, $3)"};

const Statement forget_statement{"forget_files", "SELECT forget_files($1)"};

const Statement select_stored{"select_stored_files", R"(
SELECT f.id AS file_id, f.workspace_id, f.hash, f.extension
FROM files f WHERE f.id > $1 AND f.stored_at IS NOT NULL AND f.removing_since IS NULL
ORDER BY f.id LIMIT $2)"};

const Statement select_known{"select_known_files", R"(
SELECT f.id IS NOT NULL AS is_known
FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY
  AS k (workspace_id, hash, extension, ord)
LEFT JOIN files f ON f.workspace_id = k.workspace_id AND f.hash = k.hash
                 AND f.extension = k.extension
ORDER BY k.ord)"};

UploadOutcome to_upload_outcome(std::string_view text) {
  if (text == "reserved" || text == "done") return UploadOutcome::done;
  if (text == "quota_user") return UploadOutcome::quota_user;
  if (text == "quota_workspace") return UploadOutcome::quota_workspace;
  if (text == "suspended") return UploadOutcome::suspended;
  if (text == "removing") return UploadOutcome::removing;
  if (text == "gone") return UploadOutcome::gone;
  throw_unknown("upload outcome", text);
}

// The parts of keys, as the statements take them.
struct KeyColumns {
  std::vector<WorkspaceId> workspaces;
  std::vector<std::string> hashes;
  std::vector<std::string> extensions;

  explicit KeyColumns(const std::vector<file::FileKey>& keys) {
    for (const auto& key : keys) {
      workspaces.push_back(key.workspace);
      hashes.push_back(key.hash);
      extensions.push_back(key.extension);
    }
  }
};

}  // namespace

awaitable<ReservedFile> PostgresFileRepository::reserve(Caller caller, NewFile file,
                                                        UploadLimits limits) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows = connection.run(reserve_statement, caller.workspace, caller.user,
                                     file.key.hash, file.key.extension, file.media_type, file.size,
                                     limits.user, limits.workspace);
    ReservedFile reserved{to_upload_outcome(rows[0]["outcome"].c_str()), {}};
    if (reserved.outcome == UploadOutcome::done) reserved.id = to_id<FileId>(rows[0]["file_id"]);
    return reserved;
  });
}

awaitable<RecordedUpload> PostgresFileRepository::record(Caller caller, FileId reserved,
                                                         std::string name,
                                                         std::optional<PixelSize> pixels,
                                                         UploadLimits limits) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows = connection.run(record_statement, caller.workspace, caller.user, reserved,
                                     name, to_integers(pixels), limits.user, limits.workspace);
    RecordedUpload recorded{to_upload_outcome(rows[0]["outcome"].c_str()), std::nullopt};
    if (recorded.outcome == UploadOutcome::done) recorded.upload = to_upload(rows[0]);
    return recorded;
  });
}

// A key of another workspace is none of the caller's: its hash is looked for in the caller's own,
// and what is found there has another key.
awaitable<std::vector<std::optional<File>>> PostgresFileRepository::find(
    Caller caller, std::vector<file::FileKey> keys) {
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<std::optional<File>> found(keys.size());
    const KeyColumns columns{keys};
    const auto rows = connection.run(select_visible, caller.workspace, caller.user, columns.hashes,
                                     columns.extensions);
    for (const auto& row : rows) {
      const auto place = row["ord"].as<std::size_t>() - 1;
      auto file = to_file(row, caller.workspace);
      if (file.key == keys.at(place)) found.at(place) = std::move(file);
    }
    return found;
  });
}

awaitable<std::optional<Upload>> PostgresFileRepository::find_upload(Caller caller, UploadId id) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<Upload> {
    const auto rows = connection.run(select_upload, caller.workspace, caller.user, id);
    if (rows.empty()) return std::nullopt;
    return to_upload(rows[0]);
  });
}

awaitable<int> PostgresFileRepository::mark_unused(std::chrono::seconds grace, int slice) {
  co_return co_await database_.run([&](Connection& connection) {
    return connection.run(mark_statement, grace.count(), slice)[0][0].as<int>();
  });
}

awaitable<std::vector<StoredFile>> PostgresFileRepository::take_unused(std::chrono::seconds grace,
                                                                       std::chrono::seconds hold,
                                                                       int slice) {
  co_return co_await database_.run([&](Connection& connection) {
    return to_stored_files(connection.run(take_statement, grace.count(), hold.count(), slice));
  });
}

awaitable<> PostgresFileRepository::forget(std::vector<FileId> files) {
  co_await database_.run([&](Connection& connection) {
    return connection.run(forget_statement, files)[0][0].as<int>();
  });
}

awaitable<std::vector<StoredFile>> PostgresFileRepository::list(FileId after, int slice) {
  co_return co_await database_.run([&](Connection& connection) {
    return to_stored_files(connection.run(select_stored, after, slice));
  });
}

awaitable<std::vector<bool>> PostgresFileRepository::are_known(std::vector<file::FileKey> keys) {
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<bool> known;
    const KeyColumns columns{keys};
    for (const auto& row :
         connection.run(select_known, columns.workspaces, columns.hashes, columns.extensions)) {
      known.push_back(row["is_known"].as<bool>());
    }
    return known;
  });
}

}  // namespace fechatter::server
