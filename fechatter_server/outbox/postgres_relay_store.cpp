#include "fechatter_server/outbox/postgres_relay_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <string_view>
#include <unordered_map>

#include "fechatter_core/joined.hpp"
#include "fechatter_core/postgres/erasure_reads.hpp"
#include "fechatter_server/chat/locking.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;
using Text = std::string_view;

// Rows are looked up by an index alone: a plan made for a small outbox would scan a large one.
constexpr const char* planner_options =
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
    "-c plan_cache_mode=force_generic_plan";
constexpr int partition_days_ahead = 3;  // few: each is opened by a statement on all of them

using Text = std::string_view;

constexpr Text state_columns =
    "token, epoch, epoch_first_seq, extract(epoch FROM covers_since)::bigint AS covers, "
    "last_stream_seq, last_event_id, stream_created_at, republish_after, republish_until, "
    "coalesce(extract(epoch FROM clock_timestamp() - published_at) * 1000000, 0)::bigint "
    "AS published_ago";

// A lease that reaches further ahead than any is given was written by the clock of another host,
// whose standby this one was: its holder cannot renew it here.
constexpr Text acquire_sql =
    "UPDATE relay_state SET holder = $1, fan_out_member_limit = $2, token = token + 1, "
    "expires_at = clock_timestamp() + interval '1.5 seconds', "
    "postgres_history = coalesce(nullif(postgres_history, ''), present) "
    "FROM postgres_history() AS present WHERE expires_at < clock_timestamp() "
    "OR expires_at > clock_timestamp() + interval '3 seconds' RETURNING ";
// RETURNING sees the new value: one that was not known is the present one.
constexpr Text other_history = ", present <> '' AND postgres_history <> present AS other_history";
const Statement acquire{"relay_acquire", joined<acquire_sql, state_columns, other_history>.data()};

const Statement renew{"relay_renew",
                      "UPDATE relay_state SET expires_at = clock_timestamp() + "
                      "interval '1.5 seconds' WHERE token = $1 RETURNING token"};

const Statement release{"relay_release",
                        "UPDATE relay_state SET expires_at = '-infinity' WHERE token = $1"};

const Statement select_to_republish{"relay_to_republish",
                                    "SELECT * FROM relay_to_republish($1, $2, $3, $4, $5)"};
const Statement select_unpublished{"relay_unpublished", "SELECT * FROM relay_unpublished($1, $2)"};

const Statement mark_published{"relay_mark", "SELECT relay_mark($1, $2, $3, $4, $5, $6)"};

const Statement select_created{
    "relay_created",
    "SELECT id, unix_micros(created_at) FROM outbox WHERE id = ANY ($1::bigint[])"};

constexpr Text select_text = "SELECT ";
constexpr Text raised_state =
    ", false AS other_history FROM relay_raise_epoch($1, $2, $3, $4, $5, $6, $7, $8, $9::bigint * "
    "interval '1 second')";
const Statement raise{"relay_raise_epoch", joined<select_text, state_columns, raised_state>.data()};

const Statement make_partitions{"outbox_make_partitions", "SELECT outbox_make_partitions($1)"};
const Statement drop_partitions{
    "drop_partitions", "SELECT outbox_drop_partitions($1), stream_texts_drop_partitions($2)"};

const Statement select_erasures{"relay_erasures",
                                "SELECT * FROM erasures_between($1, $2, $3, 10000)"};

std::optional<RelayState> to_state(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const auto row = rows[0];
  RelayState state;
  state.token = row["token"].as<std::int64_t>();
  state.epoch = {row["epoch"].as<std::int64_t>(), row["epoch_first_seq"].as<std::uint64_t>(),
                 row["covers"].as<std::int64_t>(), to_id<EventId>(row["republish_until"])};
  state.last_stream_seq = row["last_stream_seq"].as<std::uint64_t>();
  state.last_event_id = to_id<EventId>(row["last_event_id"]);
  state.stream_created = row["stream_created_at"].as<std::string>();
  state.last_published_ago = std::chrono::microseconds{row["published_ago"].as<std::int64_t>()};
  state.republish_after = to_id<EventId>(row["republish_after"]);
  state.republish_until = to_id<EventId>(row["republish_until"]);
  state.other_history = row["other_history"].as<bool>();
  return state;
}

TraceContext to_trace(const pqxx::field& field) {
  if (field.is_null()) return {};
  return parse_traceparent(field.c_str()).value_or(TraceContext{});
}

std::vector<OutboxRow> to_rows(const pqxx::result& result) {
  std::vector<OutboxRow> rows;
  rows.reserve(result.size());
  for (const auto& row : result) {
    rows.push_back(
        {to_id<EventId>(row["id"]),
         row["created"].as<std::int64_t>(),
         to_id<WorkspaceId>(row["workspace_id"]),
         to_id<ChatId>(row["chat_id"]),
         row["type"].as<std::string>(),
         row["envelope"].as<std::string>(),
         {row["first_epoch"].as<std::int64_t>(), row["first_seq"].as<std::uint64_t>()},
         {row["workspace_epoch"].as<std::int64_t>(), row["workspace_seq"].as<std::uint64_t>()},
         to_trace(row["trace"])});
  }
  return rows;
}

}  // namespace

PostgresRelayStore::PostgresRelayStore(const std::string& database_url,
                                       event::FanOutSettings fan_out,
                                       std::chrono::milliseconds statement_timeout)
    : connection_{database_url, fmt::format("-c statement_timeout={} {}", statement_timeout.count(),
                                            planner_options)},
      fan_out_{fan_out} {}

template <class... Args>
pqxx::result PostgresRelayStore::run(const Statement& statement, const Args&... args) {
  try {
    return connection_.run(statement, args...);
  } catch (const pqxx::sql_error& error) {
    if (!postgres::is_statement_timeout(error)) throw;
    throw event::TookTooLong{error.what()};
  }
}

std::optional<RelayState> PostgresRelayStore::acquire_lease(const std::string& holder) {
  auto state = to_state(run(acquire, holder, fan_out_.member_limit));
  if (state) lease_session_ = connection_.connects();
  return state;
}

bool PostgresRelayStore::renew_lease(std::int64_t token) {
  return !run(renew, token).empty();
}

void PostgresRelayStore::release_lease(std::int64_t token) {
  run(release, token);
}

std::vector<OutboxRow> PostgresRelayStore::to_republish(const RelayState& state, BatchSize size) {
  return to_rows(run(select_to_republish, state.republish_after, state.republish_until,
                     state.epoch.number, size.count, size.bytes));
}

std::vector<OutboxRow> PostgresRelayStore::unpublished(BatchSize size) {
  return to_rows(run(select_unpublished, size.count, size.bytes));
}

bool PostgresRelayStore::mark(const RelayState& state, const Published& published) {
  const auto rows = run(mark_published, state.token, state.epoch.number, state.last_stream_seq,
                        published.ids, published.created_micros, published.stream_seqs);
  return rows[0][0].as<bool>();
}

std::vector<std::int64_t> PostgresRelayStore::created_of(const std::vector<std::int64_t>& ids) {
  std::unordered_map<std::int64_t, std::int64_t> created;
  for (const auto& row : run(select_created, ids)) {
    created.emplace(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
  }
  std::vector<std::int64_t> in_order;
  in_order.reserve(ids.size());
  for (const auto id : ids) in_order.push_back(created[id]);
  return in_order;
}

std::optional<RelayState> PostgresRelayStore::raise_epoch(std::int64_t token,
                                                          const NewEpoch& next) {
  return to_state(run(raise, token, next.number, next.first_seq, next.stream_created,
                      next.highest_in_stream, next.newest_micros, next.restored,
                      next.republished_through, next.republish.count()));
}

std::vector<event::Erasure> PostgresRelayStore::erased(std::int64_t epoch, std::uint64_t first,
                                                       std::uint64_t last) {
  return postgres::to_erasures(run(select_erasures, epoch, first, last));
}

bool PostgresRelayStore::maintain_partitions(int keep_days, int stream_days) {
  try {
    run(make_partitions, partition_days_ahead);
    run(drop_partitions, keep_days, stream_days);
    return true;
  } catch (const event::TookTooLong& error) {
    spdlog::warn("relay: partitions are maintained later: {}", error.what());
  } catch (const pqxx::sql_error& error) {
    if (!is_lock_timeout(error)) throw;
    spdlog::warn("relay: partitions are maintained later: another transaction holds the tables");
  }
  return false;
}

}  // namespace fechatter::server
