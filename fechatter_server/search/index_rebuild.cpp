#include "fechatter_server/search/index_rebuild.hpp"

#include <algorithm>

#include "fechatter_server/columns.hpp"
#include "fechatter_server/message/message_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

// A younger message may not have reached the index yet.
constexpr std::chrono::seconds index_lag_max{5};

const Statement newest_statement{"newest_message", "SELECT coalesce(max(id), 0) FROM messages"};
// The last message of a slice. The size of a text is known without reading it.
const Statement slice_end_statement{"slice_to_index_end", R"(
SELECT max(id) FROM (
  SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM (
    SELECT id, octet_length(content) AS bytes FROM messages
    WHERE id > $1 AND ($2::bigint IS NULL OR workspace_id = $2) ORDER BY id LIMIT $3) m) s
WHERE bytes_before < $4)"};
const Statement slice_statement{"messages_to_index", R"(
SELECT v.* FROM message_rows v
WHERE v.id > $1 AND v.id <= $2 AND ($3::bigint IS NULL OR v.workspace_id = $3)
ORDER BY v.id)"};

IndexedMessage to_indexed(const pqxx::row& row, const MessageColumns& columns) {
  auto message = to_message(row, columns);
  IndexedMessage indexed;
  indexed.id = message.id;
  indexed.workspace_id = to_id<WorkspaceId>(row["workspace_id"]);
  indexed.chat_id = message.chat_id;
  indexed.sender_id = message.sender.id;
  indexed.content = std::move(message.content);
  indexed.files = std::move(message.files);
  for (auto& file : message.attachments) indexed.file_names.push_back(std::move(file.name));
  indexed.created_at = message.created_at;
  indexed.version = message.deleted_at.value_or(message.edited_at.value_or(message.created_at));
  indexed.deleted = message.deleted_at.has_value();
  return indexed;
}

}  // namespace

IndexRebuild::IndexRebuild(const std::string& database_url, SearchIndexMaintenance& index,
                           Report report, std::function<bool()> stopped, BatchSize slice_max)
    : messages_{database_url, "-c statement_timeout=60000"},
      index_{index},
      report_{std::move(report)},
      stopped_{std::move(stopped)},
      slice_{slice_max} {}

std::vector<IndexedMessage> IndexRebuild::read_after(MessageId after, const IndexScope& scope) {
  const auto rows = read_rows_after(after, scope);
  std::vector<IndexedMessage> messages;
  if (rows.empty()) return messages;
  const MessageColumns columns{rows[0]};
  for (const auto& row : rows) messages.push_back(to_indexed(row, columns));
  return messages;
}

pqxx::result IndexRebuild::read_rows_after(MessageId after, const IndexScope& scope) {
  while (true) {
    try {
      const auto [count, bytes] = slice_.size();
      const auto end = messages_.run(slice_end_statement, after, scope.workspace, count, bytes);
      auto rows =
          messages_.run(slice_statement, after, end[0][0].as<std::int64_t>(0), scope.workspace);
      slice_.succeeded();
      return rows;
    } catch (const pqxx::sql_error& error) {
      if (!postgres::is_statement_timeout(error) || slice_.size().count == 1) throw;
      slice_.failed();
    }
  }
}

template <class Visit>
bool IndexRebuild::pass(const IndexScope& scope, Visit visit) {
  IndexProgress progress;
  progress.at = scope.after;
  progress.last = to_id<MessageId>(messages_.run(newest_statement)[0][0]);
  while (!stopped_()) {
    const auto messages = read_after(progress.at, scope);
    if (messages.empty()) return true;
    visit(messages, progress.at);
    progress.at = messages.back().id;
    progress.messages += messages.size();
    report_(progress);
  }
  return false;
}

bool IndexRebuild::build() {
  const IndexScope rest{std::nullopt, index_.begin_build()};
  const bool whole =
      pass(rest, [this](const auto& messages, MessageId) { index_.build(messages); });
  if (whole) index_.finish_build();
  return whole;
}

void IndexRebuild::rewrite(const IndexScope& scope) {
  pass(scope, [this](const auto& messages, MessageId) { index_.put(messages); });
}

IndexDifferences IndexRebuild::verify(const IndexScope& scope, bool repairs) {
  IndexDifferences differences;
  pass(scope, [&](const auto& messages, MessageId before) {
    compare(messages, before, scope, repairs, differences);
  });
  return differences;
}

void IndexRebuild::compare(const std::vector<IndexedMessage>& messages, MessageId before,
                           const IndexScope& scope, bool repairs, IndexDifferences& differences) {
  auto indexed =
      index_.versions({MessageId{before.value + 1}, messages.back().id, scope.workspace});
  const auto settled = now() - index_lag_max;
  std::vector<IndexedMessage> wrong;
  for (const auto& message : messages) {
    const auto found = indexed.find(message.id);
    const bool is_indexed = found != indexed.end();
    const auto version = is_indexed ? found->second : Timestamp{};
    if (is_indexed) indexed.erase(found);
    ++differences.checked;
    if (message.version > settled || version == message.version) continue;
    if (!is_indexed && message.deleted) continue;
    ++(is_indexed ? differences.stale : differences.missing);
    wrong.push_back(message);
  }
  std::vector<MessageId> extra;
  // A young document may have been written after the slice was read.
  for (const auto& [id, version] : indexed) {
    if (version <= settled) extra.push_back(id);
  }
  differences.extra += extra.size();
  if (repairs && !wrong.empty()) index_.put(wrong);
  if (repairs && !extra.empty()) index_.remove(extra);
}

}  // namespace fechatter::server
