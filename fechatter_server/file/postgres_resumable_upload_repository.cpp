#include "fechatter_server/file/postgres_resumable_upload_repository.hpp"

#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement create_resumable{"create_resumable_upload",
                                 "SELECT outcome, expires_at FROM create_resumable_upload($1, $2, "
                                 "$3, $4, $5, $6, $7, $8, $9)"};

const Statement select_resumable{"select_resumable_upload", R"(
SELECT r.* FROM resumable_upload_rows r
JOIN users u ON u.id = r.user_id AND u.status = 'active'
WHERE r.id = $3 AND r.user_id = $2 AND r.workspace_id = $1
  AND r.expires_at > unix_micros(now()))"};

const Statement advance_resumable{"advance_resumable_upload", R"(
UPDATE resumable_uploads r
SET received = $5, expires_at = clock_timestamp() + $6::bigint * interval '1 second'
WHERE r.id = $3 AND r.user_id = $2 AND r.workspace_id = $1 AND r.received = $4
  AND r.upload_id IS NULL
RETURNING unix_micros(r.expires_at))"};

const Statement finish_resumable{"finish_resumable_upload", R"(
UPDATE resumable_uploads r
SET received = r.size, upload_id = $4,
    expires_at = clock_timestamp() + $5::bigint * interval '1 second'
WHERE r.id = $3 AND r.user_id = $2 AND r.workspace_id = $1
RETURNING unix_micros(r.expires_at))"};

const Statement delete_resumable{"delete_resumable_upload", R"(
DELETE FROM resumable_uploads r
WHERE r.id = $3 AND r.user_id = $2 AND r.workspace_id = $1 RETURNING r.id)"};

const Statement select_expired_resumables{"select_expired_resumable_uploads", R"(
SELECT r.id FROM resumable_uploads r WHERE r.expires_at < now() ORDER BY r.expires_at LIMIT $1)"};

const Statement delete_expired_resumable{"delete_expired_resumable_upload", R"(
DELETE FROM resumable_uploads r WHERE r.id = $1 AND r.expires_at < now() RETURNING r.id)"};

const Statement select_unknown_resumables{"select_unknown_resumable_uploads", R"(
SELECT k.id FROM unnest($1::text[]) k (id)
WHERE NOT EXISTS (SELECT FROM resumable_uploads r WHERE r.id = k.id))"};

CreationOutcome to_creation_outcome(std::string_view text) {
  if (text == "done") return CreationOutcome::done;
  if (text == "quota_user") return CreationOutcome::quota_user;
  if (text == "quota_workspace") return CreationOutcome::quota_workspace;
  if (text == "suspended") return CreationOutcome::suspended;
  if (text == "too_many") return CreationOutcome::too_many;
  throw_unknown("outcome of a resumable upload", text);
}

ResumableUpload to_resumable_upload(const pqxx::row& row) {
  ResumableUpload upload;
  upload.id = row["id"].as<std::string>();
  upload.metadata = row["metadata"].as<std::string>();
  upload.size = row["size"].as<std::int64_t>();
  upload.received = row["received"].as<std::int64_t>();
  upload.expires_at = to_time(row["expires_at"]);
  if (const auto id = find_id<UploadId>(row["upload_id"])) {
    upload.finished = FinishedUpload{*id, row["url"].as<std::string>()};
  }
  return upload;
}

std::optional<Timestamp> first_time(const pqxx::result& rows) {
  return rows.empty() ? std::nullopt : std::optional{to_time(rows[0][0])};
}

std::vector<std::string> first_texts(const pqxx::result& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.push_back(row[0].as<std::string>());
  return texts;
}

}  // namespace

awaitable<CreatedResumableUpload> PostgresResumableUploadRepository::create(
    Caller caller, NewResumableUpload upload, std::chrono::seconds life, int count_max,
    UploadLimits limits) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows =
        connection.run(create_resumable, caller.workspace, caller.user, upload.id, upload.metadata,
                       upload.size, life.count(), count_max, limits.user, limits.workspace);
    CreatedResumableUpload created{to_creation_outcome(rows[0]["outcome"].c_str()), {}};
    if (created.outcome == CreationOutcome::done) {
      created.expires_at = to_time(rows[0]["expires_at"]);
    }
    return created;
  });
}

awaitable<std::optional<ResumableUpload>> PostgresResumableUploadRepository::find(Caller caller,
                                                                                  std::string id) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<ResumableUpload> {
    const auto rows = connection.run(select_resumable, caller.workspace, caller.user, id);
    if (rows.empty()) return std::nullopt;
    return to_resumable_upload(rows[0]);
  });
}

awaitable<std::optional<Timestamp>> PostgresResumableUploadRepository::advance(
    Caller caller, std::string id, std::int64_t before, std::int64_t received,
    std::chrono::seconds life) {
  co_return co_await database_.run([&](Connection& connection) {
    return first_time(connection.run(advance_resumable, caller.workspace, caller.user, id, before,
                                     received, life.count()));
  });
}

awaitable<std::optional<Timestamp>> PostgresResumableUploadRepository::finish(
    Caller caller, std::string id, UploadId upload, std::chrono::seconds life) {
  co_return co_await database_.run([&](Connection& connection) {
    return first_time(
        connection.run(finish_resumable, caller.workspace, caller.user, id, upload, life.count()));
  });
}

awaitable<bool> PostgresResumableUploadRepository::remove(Caller caller, std::string id) {
  co_return co_await database_.run([&](Connection& connection) {
    return !connection.run(delete_resumable, caller.workspace, caller.user, id).empty();
  });
}

awaitable<std::vector<std::string>> PostgresResumableUploadRepository::list_expired(int slice) {
  co_return co_await database_.run([&](Connection& connection) {
    return first_texts(connection.run(select_expired_resumables, slice));
  });
}

awaitable<bool> PostgresResumableUploadRepository::remove_expired(std::string id) {
  co_return co_await database_.run([&](Connection& connection) {
    return !connection.run(delete_expired_resumable, id).empty();
  });
}

awaitable<std::vector<std::string>> PostgresResumableUploadRepository::unknown_of(
    std::vector<std::string> ids) {
  co_return co_await database_.run([&](Connection& connection) {
    return first_texts(connection.run(select_unknown_resumables, ids));
  });
}

}  // namespace fechatter::server
