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

// A token that has a successor may end its session, too: it belongs to the session's family.
const Statement end_by_token{
    "end_session_of",
    "UPDATE sessions s SET revoked_at = coalesce(revoked_at, clock_timestamp()) "
    "FROM refresh_tokens t WHERE t.hash = $1 AND t.expires_at > clock_timestamp() "
    "AND s.id = t.session_id RETURNING s.id"};

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
  co_return co_await database_.run([&](Connection& connection) {
    std::vector<SessionId> ended;
    for (const auto& row : connection.run(end_all_statement, user)) {
      ended.push_back(to_id<SessionId>(row[0]));
    }
    return ended;
  });
}

awaitable<std::optional<SessionId>> PostgresRefreshTokenRepository::end_session_of(
    std::string hash) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<SessionId> {
    const auto rows = connection.run(end_by_token, hash);
    if (rows.empty()) return std::nullopt;
    return to_id<SessionId>(rows[0][0]);
  });
}

}  // namespace fechatter::server
