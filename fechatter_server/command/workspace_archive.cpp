#include "fechatter_server/command/workspace_archive.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <stdexcept>

#include "fechatter_core/file/content_hash.hpp"

namespace fechatter::server {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t piece_bytes = 256 * 1024;

const std::string of_workspace = "t.workspace_id = {0}";
const std::string of_its_chats =
    "t.chat_id IN (SELECT c.id FROM chats c WHERE c.workspace_id = {0})";
// An upload that has not ended, or a file that is being removed, has no bytes to archive.
const std::string is_stored = "t.stored_at IS NOT NULL AND t.removing_since IS NULL";
const std::string of_stored_files =
    "t.workspace_id = {0} AND t.file_id IN (SELECT f.id FROM files f WHERE f.workspace_id = {0} "
    "AND f.stored_at IS NOT NULL AND f.removing_since IS NULL)";

// One context for the whole command: a thread of the store may still be in it when the work is
// done, so that it outlives the store.
template <class T>
T wait_for(awaitable<T> work) {
  static asio::io_context io;
  io.restart();
  const Executor strand{io.get_executor()};
  auto result = asio::co_spawn(strand, std::move(work), asio::use_future);
  io.run();
  return result.get();
}

[[noreturn]] void fail_file(const ArchivedFile& file, const char* reason) {
  throw std::runtime_error{fmt::format("file {}: {}", file.name(), reason)};
}

awaitable<> read_all(file::FileStore& store, const ArchivedFile& file, std::ofstream& out) {
  auto opening = store.open(file.key);
  const auto source = co_await std::move(opening);
  if (!source) fail_file(file, "is not in the store");
  file::ContentHash hash;
  std::vector<char> piece(piece_bytes);
  std::uint64_t offset = 0;
  while (true) {
    auto reading = source->read(offset, piece.data(), piece.size());
    const auto count = co_await std::move(reading);
    if (count == 0) break;
    hash.add({piece.data(), count});
    out.write(piece.data(), static_cast<std::streamsize>(count));
    offset += count;
  }
  if (offset != file.size || hash.finish() != file.key.hash) {
    fail_file(file, "has other bytes in the store");
  }
}

awaitable<> write_all(file::FileStore& store, const ArchivedFile& file, std::ifstream& in) {
  auto creating = store.create();
  const auto writer = co_await std::move(creating);
  std::vector<char> piece(piece_bytes);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    const std::string_view bytes{piece.data(), static_cast<std::size_t>(in.gcount())};
    auto writing = writer->write(bytes);
    co_await std::move(writing);
  }
  auto finishing = writer->finish();
  const auto written = co_await std::move(finishing);
  if (written.hash != file.key.hash || written.size != file.size) {
    fail_file(file, "has other bytes in the archive");
  }
  auto keeping = writer->keep(file.key);
  co_await std::move(keeping);
}

}  // namespace

const std::vector<ArchivedTable>& archived_tables() {
  static const std::vector<ArchivedTable> tables{
      {"workspaces", "t.id = {0}", "id", "{owner_id}"},
      {"users", of_workspace, "id", "{}"},
      {"blocks", of_workspace, "user_id, blocked_id", "{}"},
      {"daily_usage", of_workspace, "user_id", "{}"},
      {"invitations", of_workspace, "id", "{}"},
      {"user_preferences", of_workspace, "user_id", "{}"},
      {"user_presence", of_workspace, "user_id", "{}"},
      {"chats", of_workspace, "id", "{}"},
      {"chat_members", of_workspace, "chat_id, user_id", "{}"},
      {"former_member_storage", of_workspace, "chat_id, user_id", "{}"},
      {"due_read_events", of_its_chats, "chat_id, user_id", "{}"},
      {"chat_receipts", of_its_chats, "chat_id, user_id", "{}"},
      // Thumbnails are made again.
      {"files", of_workspace + " AND " + is_stored, "id",
       "{thumbnail_state, thumbnail_tries, thumbnails_due_at, blurhash}"},
      {"uploads", of_stored_files, "id", "{}"},
      {"upload_totals", of_workspace, "user_id", "{}"},
      {"messages", of_workspace, "id", "{}"},
      {"unread_exclusions", of_workspace, "chat_id, page", "{}"},
      {"message_files", of_stored_files, "message_id, ord", "{}"},
      {"message_edits", of_workspace, "message_id, version", "{}"},
      {"reactions", of_workspace, "message_id, user_id, emoji", "{}"},
      {"message_annotations", of_workspace, "message_id", "{}"},
      {"saved_messages", of_workspace, "user_id, message_id", "{}"},
      {"threads", of_workspace, "root_id", "{}"},
      {"thread_follows", of_workspace, "root_id, user_id", "{}"},
      {"message_mentions", of_workspace, "message_id, user_id", "{}"},
      {"drafts", of_workspace, "chat_id, user_id", "{}"},
      {"scheduled_messages", of_workspace, "id", "{}"},
  };
  return tables;
}

const std::vector<std::string>& unarchived_tables() {
  static const std::vector<std::string> tables{
      "audit_log",         "erasure_requests",    "event_tickets",
      "file_marking",      "founding_tokens",     "outbox",
      "refresh_tokens",    "relay_state",         "relay_workspaces",
      "resumable_uploads", "schema_definitions",  "schema_migrations",
      "schema_release",    "search_documents",    "search_stale_words",
      "search_state",      "search_vocabularies", "search_words",
      "sessions",          "stream_erasures",     "stream_texts"};
  return tables;
}

std::string archived_columns(postgres::Connection& connection, const ArchivedTable& table) {
  const auto rows = connection.run_script(fmt::format(
      "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a "
      "WHERE a.attrelid = '{}'::regclass AND a.attnum > 0 AND NOT a.attisdropped "
      "AND a.attgenerated = '' AND a.attname <> ALL ('{}'::name[])",
      table.name, table.left_out));
  return rows[0][0].c_str();
}

void copy_from_store(file::FileStore& store, const ArchivedFile& file, const Path& path) {
  std::ofstream out{path, std::ios::binary};
  wait_for(read_all(store, file, out));
  out.close();
  if (!out) throw std::runtime_error{path.string() + ": cannot be written"};
}

void copy_to_store(file::FileStore& store, const ArchivedFile& file, const Path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) throw std::runtime_error{path.string() + ": cannot be read"};
  wait_for(write_all(store, file, in));
}

void remove_from_store(file::FileStore& store, const file::FileKey& key) {
  wait_for(store.remove(key));
}

}  // namespace fechatter::server
