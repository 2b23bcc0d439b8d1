#include "fechatter_server/workspace/postgres_administration_repository.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;

// The caller is the first row source: without the right to read the log there is no row at all. The
// name of an operator's account is not for the workspace, nor are the rows of a deleted one that
// had the same id.
const postgres::Statement select_audit{"select_audit", R"(
SELECT l.*
FROM users u LEFT JOIN LATERAL (
  SELECT x.id, unix_micros(x.at) AS at,
         CASE WHEN x.actor LIKE 'operator%' THEN 'operator' ELSE x.actor END AS actor,
         substring(x.actor FROM '^user ([0-9]{1,18})$')::bigint AS actor_id,
         x.action, x.target, x.request_id
  FROM audit_log x
  WHERE x.workspace_id = u.workspace_id AND x.id < $3
    AND x.id > coalesce((SELECT max(d.id) FROM audit_log d WHERE d.workspace_id = u.workspace_id
                           AND d.action = 'workspace.delete'), 0)
    AND ($5::bigint IS NULL OR x.actor = 'user ' || $5::bigint)
    AND (NOT $6::boolean OR x.actor LIKE 'operator%')
    AND ($7::text IS NULL OR x.action = $7::text)
  ORDER BY x.id DESC LIMIT $4) l ON true
WHERE u.workspace_id = $1 AND u.id = $2 AND u.status = 'active' AND u.role IN ('owner', 'admin')
ORDER BY l.id DESC)"};

// Each refresh makes a token.
const postgres::Statement select_open_sessions{"select_open_sessions", R"(
SELECT r.outcome, s.*
FROM (SELECT may_rule_sessions($1, $2, $3) AS outcome) r LEFT JOIN LATERAL (
  SELECT x.id, unix_micros(x.created_at) AS created_at, unix_micros(x.expires_at) AS expires_at,
         (SELECT unix_micros(max(t.created_at)) FROM refresh_tokens t
          WHERE t.session_id = x.id) AS refreshed_at
  FROM sessions x
  WHERE r.outcome = 'done' AND x.user_id = $3 AND x.workspace_id = $1 AND x.revoked_at IS NULL
    AND x.expires_at > clock_timestamp() AND x.id < $4
  ORDER BY x.id DESC LIMIT $5) s ON true
ORDER BY s.id DESC)"};

const postgres::Statement end_sessions_statement{
    "end_user_sessions",
    "SELECT outcome, array_to_json(ended)::text FROM end_user_sessions($1, $2, $3, $4, $5)"};

// Reads no message: their number is that of the numbers that were given.
const postgres::Statement select_usage{"select_workspace_usage", R"(
SELECT w.id, w.name, unix_micros(w.created_at) AS created_at, p.*, c.*, s.message_bytes,
       f.file_bytes,
       s.member_bytes + f.file_bytes
       + (SELECT coalesce(sum(x.bytes), 0) FROM former_member_storage x WHERE x.workspace_id = w.id)
       + (SELECT coalesce(sum(x.stored_bytes), 0) FROM drafts x WHERE x.workspace_id = w.id)
       + (SELECT coalesce(sum(x.stored_bytes), 0) FROM scheduled_messages x
          WHERE x.workspace_id = w.id) AS stored_bytes
FROM users u JOIN workspaces w ON w.id = u.workspace_id
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE x.status = 'active' AND x.role = 'owner') AS active_owner,
         count(*) FILTER (WHERE x.status = 'active' AND x.role = 'admin') AS active_admin,
         count(*) FILTER (WHERE x.status = 'active' AND x.role = 'member') AS active_member,
         count(*) FILTER (WHERE x.status = 'suspended' AND x.role = 'owner') AS suspended_owner,
         count(*) FILTER (WHERE x.status = 'suspended' AND x.role = 'admin') AS suspended_admin,
         count(*) FILTER (WHERE x.status = 'suspended' AND x.role = 'member') AS suspended_member
  FROM users x WHERE x.workspace_id = w.id) p
CROSS JOIN LATERAL (
  SELECT count(*) AS chats, coalesce(sum(x.last_seq), 0) AS messages
  FROM chats x WHERE x.workspace_id = w.id AND x.deleted_at IS NULL) c
CROSS JOIN LATERAL (
  SELECT coalesce(sum(m.stored_bytes), 0) AS member_bytes,
         coalesce(sum(m.stored_bytes) FILTER (WHERE x.deleted_at IS NULL), 0) AS message_bytes
  FROM chats x JOIN chat_members m ON m.chat_id = x.id WHERE x.workspace_id = w.id) s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(x.bytes), 0) AS file_bytes
  FROM upload_totals x WHERE x.workspace_id = w.id) f
WHERE u.workspace_id = $1 AND u.id = $2 AND u.status = 'active' AND u.role IN ('owner', 'admin'))"};

AuditRow to_audit_row(const pqxx::row& row) {
  return {row["id"].as<std::int64_t>(),    to_time(row["at"]),
          row["actor"].as<std::string>(),  find_id<UserId>(row["actor_id"]),
          row["action"].as<std::string>(), row["target"].as<std::string>(),
          find_text(row["request_id"])};
}

OpenSession to_open_session(const pqxx::row& row) {
  return {to_id<SessionId>(row["id"]), to_time(row["created_at"]), to_time(row["expires_at"]),
          find_time(row["refreshed_at"])};
}

RuleOutcome to_rule_outcome(std::string_view text) {
  if (text == "done") return RuleOutcome::done;
  if (text == "forbidden") return RuleOutcome::forbidden;
  if (text == "not_found") return RuleOutcome::not_found;
  throw_unknown("outcome of ruling sessions", text);
}

EndedSessions to_ended_sessions(const pqxx::row& row) {
  return {to_rule_outcome(row[0].c_str()), to_ids<SessionId>(row[1])};
}

// Of the rows of a statement that was asked for one more than `limit`. A row without an id says
// that there are none.
template <class Page, class ToRow>
Page to_page(const pqxx::result& rows, std::int64_t limit, ToRow to_row) {
  Page page;
  for (const auto& row : rows) {
    if (row["id"].is_null()) break;
    if (page.rows.size() == static_cast<std::size_t>(limit)) {
      page.next = page.rows.back().id;
      break;
    }
    page.rows.push_back(to_row(row));
  }
  return page;
}

WorkspaceUsage to_usage(const pqxx::row& row) {
  const auto number = [&row](const char* column) { return row[column].as<std::int64_t>(); };
  WorkspaceUsage usage;
  usage.id = to_id<WorkspaceId>(row["id"]);
  usage.name = row["name"].as<std::string>();
  usage.created_at = to_time(row["created_at"]);
  usage.active = {number("active_owner"), number("active_admin"), number("active_member")};
  usage.suspended = {number("suspended_owner"), number("suspended_admin"),
                     number("suspended_member")};
  usage.chats = number("chats");
  usage.messages = number("messages");
  usage.message_bytes = number("message_bytes");
  usage.file_bytes = number("file_bytes");
  usage.stored_bytes = number("stored_bytes");
  return usage;
}

std::optional<WorkspaceUsage> read_usage(Connection& connection, Caller caller) {
  try {
    const auto rows = connection.run(select_usage, caller.workspace, caller.user);
    if (rows.empty()) return std::nullopt;
    return to_usage(rows[0]);
  } catch (const pqxx::sql_error& error) {
    if (!postgres::is_statement_timeout(error)) throw;
    throw Error{ErrorCode::overloaded, "Counting took too long; try again later."};
  }
}

}  // namespace

awaitable<std::optional<AuditPage>> PostgresAdministrationRepository::list_audit(Caller caller,
                                                                                 AuditQuery query) {
  co_return co_await slow_.run([&](Connection& connection) -> std::optional<AuditPage> {
    const auto rows =
        connection.run(select_audit, caller.workspace, caller.user, query.before, query.limit + 1,
                       query.actor, query.by_operators, query.action);
    if (rows.empty()) return std::nullopt;
    return to_page<AuditPage>(rows, query.limit, to_audit_row);
  });
}

awaitable<ListedSessions> PostgresAdministrationRepository::list_sessions(Caller caller,
                                                                          UserId user,
                                                                          SessionId before,
                                                                          std::int64_t limit) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows = connection.run(select_open_sessions, caller.workspace, caller.user, user,
                                     before, limit + 1);
    ListedSessions listed;
    listed.outcome = to_rule_outcome(rows[0]["outcome"].c_str());
    listed.page = to_page<OpenSessionPage>(rows, limit, to_open_session);
    return listed;
  });
}

awaitable<EndedSessions> PostgresAdministrationRepository::end_sessions(
    AuditedCaller by, UserId user, std::optional<SessionId> session) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows = connection.run(end_sessions_statement, by.caller.workspace, by.caller.user,
                                     user, session, by.request_id);
    return to_ended_sessions(rows[0]);
  });
}

awaitable<std::optional<WorkspaceUsage>> PostgresAdministrationRepository::usage(Caller caller) {
  co_return co_await slow_.run(
      [&](Connection& connection) { return read_usage(connection, caller); });
}

}  // namespace fechatter::server
