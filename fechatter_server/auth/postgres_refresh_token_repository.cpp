#include "fechatter_server/auth/postgres_refresh_token_repository.hpp"

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_server/auth/session_rows.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement open_session_statement{"open_session",
                                       "SELECT * FROM open_session($1, $2, $3, $4, $5)"};

const Statement rotate_statement{"rotate_refresh_token",
                                 "SELECT outcome, sealed, expires_at, (signed_in).* "
                                 "FROM rotate_refresh_token($1, $2, $3, $4)"};

const Statement end_statement{
    "end_session",
    "UPDATE sessions SET revoked_at = coalesce(revoked_at, clock_timestamp()) "
    "WHERE id = $1 AND user_id = $2 RETURNING id"};

const Statement end_all_statement{"end_all_sessions",
                                  "UPDATE sessions SET revoked_at = clock_timestamp() "
                                  "WHERE user_id = $1 AND revoked_at IS NULL RETURNING id"};

const Statement only_session_statement{"place_of_only_session",
                                       "SELECT place_of_only_session($1::bytea[])"};

// A token that has a successor may end its session, too: it belongs to the session's family. In
// order, so that two such statements do not wait for each other.
const Statement end_by_tokens{
    "end_sessions_of",
    "UPDATE sessions SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id IN ("
    "  SELECT s.id FROM sessions s WHERE s.id IN ("
    "    SELECT t.session_id FROM refresh_tokens t"
    "    WHERE t.hash = ANY ($1::bytea[]) AND t.expires_at > clock_timestamp())"
    "  ORDER BY s.id FOR UPDATE) RETURNING id"};

std::vector<SessionId> to_sessions(const pqxx::result& rows) {
  std::vector<SessionId> sessions;
  for (const auto& row : rows) sessions.push_back(to_id<SessionId>(row[0]));
  return sessions;
}

SignedIn open_session_on(Connection& connection, UserId user, const std::string& verified_hash,
                         const NewRefreshToken& token) {
  try {
    const auto rows = connection.run(open_session_statement, user, token.hash, token.life.count(),
                                     token.session_life.count(), verified_hash);
    if (rows.empty()) throw Error{ErrorCode::user_suspended, "This account is suspended."};
    return to_signed_in(rows[0]);
  } catch (const pqxx::sql_error& error) {
    if (error.sqlstate() != "28P01") throw;  // invalid_password: changed since it was compared
    throw Error{ErrorCode::invalid_credentials, "The e-mail address or the password is wrong."};
  }
}

}  // namespace

awaitable<SignedIn> PostgresRefreshTokenRepository::open_session(UserId user,
                                                                 std::string verified_hash,
                                                                 NewRefreshToken token) {
  co_return co_await database_.run([&](Connection& connection) {
    return open_session_on(connection, user, verified_hash, token);
  });
}

awaitable<RotatedToken> PostgresRefreshTokenRepository::rotate(std::string hash,
                                                               std::string successor_hash,
                                                               std::string sealed_successor,
                                                               std::chrono::seconds life) {
  co_return co_await database_.run([&](Connection& connection) {
    const auto rows = connection.run(rotate_statement, hash, successor_hash,
                                     auth::to_bytea(sealed_successor), life.count());
    RotatedToken rotated;
    const std::string_view outcome{rows[0]["outcome"].c_str()};
    if (outcome == "refused") return rotated;
    rotated.outcome = outcome == "rotated" ? RotatedToken::Outcome::rotated
                                           : RotatedToken::Outcome::same_successor;
    if (!rows[0]["sealed"].is_null()) {
      rotated.sealed_successor = auth::from_bytea(rows[0]["sealed"].c_str());
    }
    rotated.expires_at = to_time(rows[0]["expires_at"]);
    rotated.signed_in = to_signed_in(rows[0]);
    return rotated;
  });
}

awaitable<bool> PostgresRefreshTokenRepository::end_session(SessionId session, UserId user) {
  co_return co_await database_.run([&](Connection& connection) {
    return !connection.run(end_statement, session, user).empty();
  });
}

awaitable<std::vector<SessionId>> PostgresRefreshTokenRepository::end_all_sessions(UserId user) {
  co_return co_await database_.run(
      [&](Connection& connection) { return to_sessions(connection.run(end_all_statement, user)); });
}

awaitable<std::optional<std::size_t>> PostgresRefreshTokenRepository::find_only_session(
    std::vector<std::string> hashes) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<std::size_t> {
    const auto place = connection.run(only_session_statement, hashes)[0][0];
    if (place.is_null()) return std::nullopt;
    return place.as<std::size_t>() - 1;
  });
}

awaitable<std::vector<SessionId>> PostgresRefreshTokenRepository::end_sessions_of(
    std::vector<std::string> hashes) {
  co_return co_await database_.run(
      [&](Connection& connection) { return to_sessions(connection.run(end_by_tokens, hashes)); });
}

}  // namespace fechatter::server
