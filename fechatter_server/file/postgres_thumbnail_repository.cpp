#include "fechatter_server/file/postgres_thumbnail_repository.hpp"

#include "fechatter_server/file/file_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement claim_of_statement{"claim_thumbnails_of",
                                   "SELECT file_id, workspace_id, hash, extension "
                                   "FROM claim_thumbnails_of($1)"};

const Statement claim_due_statement{"claim_due_thumbnails",
                                    "SELECT file_id, workspace_id, hash, extension "
                                    "FROM claim_due_thumbnails($1)"};

const Statement finish_thumbnails_statement{"finish_thumbnails",
                                            "SELECT finish_thumbnails($1, $2, $3, $4)"};

std::string outcome_text(ThumbnailOutcome outcome) {
  switch (outcome) {
    case ThumbnailOutcome::ready: return "ready";
    case ThumbnailOutcome::failed: return "failed";
    case ThumbnailOutcome::crashed: return "crashed";
    case ThumbnailOutcome::put_off: break;
  }
  return "put_off";
}

}  // namespace

awaitable<std::optional<StoredFile>> PostgresThumbnailRepository::claim(FileId file) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<StoredFile> {
    auto claimed = to_stored_files(connection.run(claim_of_statement, file));
    if (claimed.empty()) return std::nullopt;
    return std::move(claimed.front());
  });
}

awaitable<std::vector<StoredFile>> PostgresThumbnailRepository::claim_due(int slice) {
  co_return co_await database_.run([&](Connection& connection) {
    return to_stored_files(connection.run(claim_due_statement, slice));
  });
}

awaitable<bool> PostgresThumbnailRepository::finish(ThumbnailTry ended) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows =
        connection.run(finish_thumbnails_statement, ended.file, outcome_text(ended.outcome),
                       to_integers(ended.pixels), ended.blurhash);
    return rows[0][0].as<bool>();
  });
}

}  // namespace fechatter::server
