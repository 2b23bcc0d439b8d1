#include "fechatter_core/postgres/event_tickets.hpp"

namespace fechatter::postgres {
namespace {

const Statement insert_ticket{
    "insert_event_ticket",
    "INSERT INTO event_tickets (hash, user_id, workspace_id, session_id, token_expires_at, "
    "expires_at) VALUES ($1, $2, $3, $4, 'epoch'::timestamptz + $5::bigint * interval '1 second', "
    "clock_timestamp() + $6::bigint * interval '1 second')"};

const Statement take_ticket{
    "take_event_ticket",
    "DELETE FROM event_tickets t USING users u, sessions s "
    "WHERE t.hash = $1 AND t.expires_at > clock_timestamp() AND u.id = t.user_id "
    "AND u.status = 'active' AND s.id = t.session_id AND s.revoked_at IS NULL "
    "RETURNING t.user_id, t.workspace_id, t.session_id, u.fullname, u.email, "
    "extract(epoch FROM t.token_expires_at)::bigint AS token_expires_at"};

const Statement find_ticket{
    "find_event_ticket",
    "SELECT t.user_id, t.workspace_id, t.session_id, u.fullname, u.email, "
    "extract(epoch FROM t.token_expires_at)::bigint AS token_expires_at "
    "FROM event_tickets t JOIN users u ON u.id = t.user_id "
    "WHERE t.hash = $1 AND t.expires_at > clock_timestamp() AND u.status = 'active'"};

template <class IdType>
IdType id_of(const pqxx::field& field) {
  return IdType{field.as<std::int64_t>()};
}

std::optional<auth::Identity> to_bearer(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  const std::chrono::seconds expires_at{row["token_expires_at"].as<std::int64_t>()};
  return auth::Identity{id_of<UserId>(row["user_id"]),
                        id_of<WorkspaceId>(row["workspace_id"]),
                        id_of<SessionId>(row["session_id"]),
                        row["fullname"].c_str(),
                        row["email"].c_str(),
                        std::chrono::sys_seconds{expires_at}};
}

}  // namespace

awaitable<> EventTickets::store(auth::Identity bearer, std::string hash,
                                std::chrono::seconds life) {
  co_await database_.run([&](Connection& connection) {
    return connection.run(insert_ticket, hash, bearer.user_id, bearer.workspace_id,
                          bearer.session_id, bearer.expires_at.time_since_epoch().count(),
                          life.count());
  });
}

awaitable<std::optional<auth::Identity>> EventTickets::take(std::string hash) {
  co_return co_await database_.run(
      [&](Connection& connection) { return to_bearer(connection.run(take_ticket, hash)); });
}

awaitable<std::optional<auth::Identity>> EventTickets::find(std::string hash) {
  co_return co_await database_.run(
      [&](Connection& connection) { return to_bearer(connection.run(find_ticket, hash)); });
}

}  // namespace fechatter::postgres
