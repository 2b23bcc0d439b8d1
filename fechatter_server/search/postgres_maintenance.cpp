#include "fechatter_server/search/postgres_maintenance.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

constexpr int cleanup_batch = 5000;

const Statement version_statement{"search_version", "SELECT serving_version FROM search_state"};
const Statement begin_statement{"begin_search_build", "SELECT begin_search_build($1)"};
const Statement build_statement{"build_search", "SELECT build_search($1, $2, $3, $4, $5)"};
const Statement finish_statement{"finish_search_build", "SELECT finish_search_build()"};
const Statement cleanup_statement{"cleanup_search", "SELECT cleanup_search($1)"};
const Statement put_statement{"put_messages", "SELECT index_messages($1, $2, $3, $4)"};
const Statement versions_statement{"search_versions", R"(
SELECT d.message_id, unix_micros(d.version) FROM search_documents d
JOIN search_state s ON d.generation = s.serving
WHERE d.message_id BETWEEN $1 AND $2
  AND ($3::bigint IS NULL OR d.workspace_id = $3))"};
const Statement remove_statement{"remove_search_documents", "SELECT remove_search_documents($1)"};

}  // namespace

PostgresMaintenance::PostgresMaintenance(const std::string& url)
    : connection_{url, "-c synchronous_commit=off -c statement_timeout=60000"} {}

bool PostgresMaintenance::is_up_to_date() {
  return connection_.run(version_statement)[0][0].as<int>() == tokens_version;
}

MessageId PostgresMaintenance::begin_build() {
  return to_id<MessageId>(connection_.run(begin_statement, tokens_version)[0][0]);
}

void PostgresMaintenance::build(const std::vector<IndexedMessage>& messages) {
  write_batch(batches_, connection_, build_statement, messages, messages.back().id);
}

void PostgresMaintenance::finish_build() {
  connection_.run(finish_statement);
  while (connection_.run(cleanup_statement, cleanup_batch)[0][0].as<bool>()) {}
}

std::map<MessageId, Timestamp> PostgresMaintenance::versions(const IndexRange& range) {
  std::map<MessageId, Timestamp> versions;
  for (const auto& row :
       connection_.run(versions_statement, range.first, range.last, range.workspace)) {
    versions[to_id<MessageId>(row[0])] = to_time(row[1]);
  }
  return versions;
}

void PostgresMaintenance::put(const std::vector<IndexedMessage>& messages) {
  write_batch(batches_, connection_, put_statement, messages);
}

void PostgresMaintenance::remove(const std::vector<MessageId>& messages) {
  connection_.run(remove_statement, messages);
}

}  // namespace fechatter::server
