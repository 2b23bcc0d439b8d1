#include "fechatter_server/outbox/relay_store.hpp"

#include <unordered_map>

#include "fechatter_server/rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

// A relay that waits for the database longer than this has lost its lease anyway.
constexpr const char* connection_options = "-c statement_timeout=1000";
constexpr int partition_days_ahead = 14;

const Statement acquire{
    "relay_acquire",
    "UPDATE relay_state SET holder = $1, token = token + 1, "
    "expires_at = clock_timestamp() + interval '1.5 seconds' "
    "WHERE expires_at < clock_timestamp() "
    "RETURNING token, epoch, last_stream_seq, last_event_id, stream_created_at"};

const Statement renew{"relay_renew",
                      "UPDATE relay_state SET expires_at = clock_timestamp() + "
                      "interval '1.5 seconds' WHERE token = $1 RETURNING token"};

const Statement release{"relay_release",
                        "UPDATE relay_state SET expires_at = '-infinity' WHERE token = $1"};

const Statement select_unpublished{"relay_unpublished", R"(
SELECT id, unix_micros(created_at) AS created, workspace_id, chat_id, type,
       json_build_object('event_id', id, 'type', type, 'workspace_id', workspace_id,
                         'chat_id', chat_id, 'seq', seq, 'occurred_at', rfc3339(created_at),
                         'audience', audience, 'members', members, 'trace', trace,
                         'data', data)::text AS envelope
FROM outbox WHERE stream_seq IS NULL ORDER BY id LIMIT $1)"};

const Statement mark_published{"relay_mark", "SELECT relay_mark($1, $2, $3, $4, $5)"};

const Statement select_created{
    "relay_created",
    "SELECT id, unix_micros(created_at) FROM outbox WHERE id = ANY ($1::bigint[])"};

const Statement raise{"relay_raise_epoch",
                      "SELECT relay_raise_epoch($1, $2, $3, $4, $5::bigint * interval '1 second')"};

const Statement make_partitions{"outbox_make_partitions", "SELECT outbox_make_partitions($1)"};
const Statement drop_partitions{"outbox_drop_partitions", "SELECT outbox_drop_partitions($1)"};

}  // namespace

RelayStore::RelayStore(const std::string& database_url)
    : connection_{database_url, connection_options} {}

std::optional<RelayState> RelayStore::acquire_lease(const std::string& holder) {
  const auto rows = connection_.run(acquire, holder);
  if (rows.empty()) return std::nullopt;
  lease_session_ = connection_.connects();
  const auto row = rows[0];
  return RelayState{row["token"].as<std::int64_t>(), row["epoch"].as<std::int64_t>(),
                    row["last_stream_seq"].as<std::uint64_t>(),
                    to_id<EventId>(row["last_event_id"]),
                    row["stream_created_at"].as<std::string>()};
}

bool RelayStore::renew_lease(std::int64_t token) {
  return !connection_.run(renew, token).empty();
}

void RelayStore::release_lease(std::int64_t token) {
  connection_.run(release, token);
}

std::vector<OutboxRow> RelayStore::unpublished(std::size_t limit) {
  std::vector<OutboxRow> waiting;
  for (const auto& row : connection_.run(select_unpublished, limit)) {
    waiting.push_back({to_id<EventId>(row["id"]), row["created"].as<std::int64_t>(),
                       to_id<WorkspaceId>(row["workspace_id"]), to_id<ChatId>(row["chat_id"]),
                       row["type"].as<std::string>(), row["envelope"].as<std::string>()});
  }
  return waiting;
}

bool RelayStore::mark(std::int64_t token, std::int64_t epoch, const Published& published) {
  const auto rows = connection_.run(mark_published, token, epoch, published.ids,
                                    published.created_micros, published.stream_seqs);
  return rows[0][0].as<bool>();
}

std::vector<std::int64_t> RelayStore::created_of(const std::vector<std::int64_t>& ids) {
  std::unordered_map<std::int64_t, std::int64_t> created;
  for (const auto& row : connection_.run(select_created, ids)) {
    created.emplace(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
  }
  std::vector<std::int64_t> in_order;
  in_order.reserve(ids.size());
  for (const auto id : ids) in_order.push_back(created[id]);
  return in_order;
}

bool RelayStore::raise_epoch(std::int64_t token, std::int64_t epoch, std::uint64_t first_seq,
                             const std::string& stream_created, std::chrono::seconds republish) {
  const auto rows =
      connection_.run(raise, token, epoch, first_seq, stream_created, republish.count());
  return rows[0][0].as<bool>();
}

void RelayStore::tend_partitions(int keep_days) {
  connection_.run(make_partitions, partition_days_ahead);
  connection_.run(drop_partitions, keep_days);
}

}  // namespace fechatter::server
