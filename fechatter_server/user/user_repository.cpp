#include "fechatter_server/user/user_repository.hpp"

#include "fechatter_server/rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement sign_up_statement{
    "sign_up", "SELECT outcome, (signed_in).* FROM sign_up($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

const Statement select_credentials{
    "select_credentials",
    "SELECT id, workspace_id, fullname, email, status, role, avatar_url, "
    "unix_micros(created_at) AS created_at, password_hash "
    "FROM users WHERE lower(email) = lower($1)"};

SignedIn sign_up_on(Connection& connection, const NewUser& user, WorkspaceJoin join,
                    const NewRefreshToken& token) {
  try {
    const auto rows =
        connection.run(sign_up_statement, user.fullname, user.email, user.password_hash,
                       user.workspace, join == WorkspaceJoin::open, user.invitation_hash,
                       token.hash, token.life.count(), token.session_life.count());
    const std::string_view outcome{rows[0]["outcome"].c_str()};
    if (outcome == "signed_up") return to_signed_in(rows[0]);
    if (outcome == "bad_invitation") {
      throw invalid_field("invitation", "is not valid for this workspace, or no longer");
    }
    throw Error{ErrorCode::invitation_required,
                "This workspace exists already; joining it needs an invitation."};
  } catch (const pqxx::unique_violation&) {
    throw Error{ErrorCode::email_taken, "This e-mail address is already registered."};
  }
}

}  // namespace

awaitable<SignedIn> PostgresUserRepository::sign_up(NewUser user, WorkspaceJoin join,
                                                    NewRefreshToken token) {
  co_return co_await database_.run(
      [&](Connection& connection) { return sign_up_on(connection, user, join, token); });
}

awaitable<std::optional<Credentials>> PostgresUserRepository::find_credentials(std::string email) {
  co_return co_await database_.run([&](Connection& connection) -> std::optional<Credentials> {
    const auto rows = connection.run(select_credentials, email);
    if (rows.empty()) return std::nullopt;
    const auto row = rows[0];
    Credentials found;
    found.user.id = to_id<UserId>(row["id"]);
    found.user.workspace_id = to_id<WorkspaceId>(row["workspace_id"]);
    found.user.fullname = row["fullname"].as<std::string>();
    found.user.email = row["email"].as<std::string>();
    found.user.status = to_user_status(row["status"].c_str());
    found.user.role = to_workspace_role(row["role"].c_str());
    found.user.avatar_url = find_text(row["avatar_url"]);
    found.user.created_at = to_time(row["created_at"]);
    found.password_hash = row["password_hash"].as<std::string>();
    return found;
  });
}

}  // namespace fechatter::server
