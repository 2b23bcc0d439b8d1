#include "fechatter_server/user/postgres_user_repository.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/auth/session_rows.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement sign_up_statement{
    "sign_up",
    "SELECT outcome, (signed_in).* "
    "FROM sign_up($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};

const Statement credentials_by_email{
    "credentials_by_email",
    "SELECT v.*, u.password_hash, u.password_version, w.name AS workspace_name "
    "FROM users u JOIN user_rows v ON v.id = u.id JOIN workspaces w ON w.id = u.workspace_id "
    "WHERE u.email_key = $1"};

const Statement credentials_by_id{
    "credentials_by_id",
    "SELECT v.*, u.password_hash, u.password_version, w.name AS workspace_name "
    "FROM users u JOIN user_rows v ON v.id = u.id JOIN workspaces w ON w.id = u.workspace_id "
    "WHERE u.id = $1"};

const Statement select_user{"select_user",
                            "SELECT * FROM user_rows WHERE workspace_id = $1 AND id = $2"};

const Statement select_users{
    "select_users",
    "SELECT v.* FROM users u JOIN user_rows v ON v.id = u.id "
    "WHERE u.workspace_id = $1 AND u.id > $3 "
    "AND position($2 IN array_to_string(u.name_keys || u.email_keys, E'\\n')) > 0 "
    "ORDER BY u.id LIMIT $4"};

const Statement update_profile_statement{"update_profile",
                                         "SELECT * FROM update_profile($1, $2, $3)"};

const Statement block_statement{"block_user", "SELECT block_user($1, $2, $3, $4)"};

const Statement unblock_statement{"unblock_user", "SELECT unblock_user($1, $2, $3)"};

const Statement change_password_statement{"change_password", R"(
WITH changed AS (
  UPDATE users SET password_hash = $3, password_version = password_version + 1,
                   updated_at = clock_timestamp()
  WHERE id = $1 AND password_hash = $2 RETURNING id, password_version
), ended AS (
  UPDATE sessions SET revoked_at = clock_timestamp()
  WHERE user_id = (SELECT id FROM changed) AND id <> $4 AND revoked_at IS NULL RETURNING id
)
SELECT c.password_version, e.id AS ended FROM changed c LEFT JOIN ended e ON true)"};

const Statement renew_hash_statement{
    "renew_password_hash",
    "UPDATE users SET password_hash = CASE password_hash WHEN $3 THEN $4 ELSE password_hash END "
    "WHERE id = $1 AND password_version = $2 RETURNING password_hash"};

std::optional<Credentials> to_credentials(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  return Credentials{to_user(row), row["password_hash"].as<std::string>(),
                     row["password_version"].as<std::int64_t>(),
                     row["workspace_name"].as<std::string>()};
}

// The fields that change; null clears a field.
std::string to_jsonb(const ProfilePatch& patch) {
  auto changes = nlohmann::json::object();
  if (patch.fullname) {
    changes["fullname"] = patch.fullname->text;
    changes["name_keys"] = name_search_keys(patch.fullname->text);
  }
  const auto set = [&changes](const char* name, const ProfilePatch::Field& field) {
    if (field) changes[name] = *field ? nlohmann::json(**field) : nlohmann::json{};
  };
  set("avatar_url", patch.avatar_url);
  set("title", patch.title);
  set("bio", patch.bio);
  return changes.dump();
}

SignedIn sign_up_on(Connection& connection, const NewUser& user, WorkspaceJoin join,
                    const NewRefreshToken& token) {
  const auto rows = connection.run(
      sign_up_statement, user.fullname.text, user.email.text, user.password_hash,
      user.workspace.text, join == WorkspaceJoin::open, user.invitation_hash, token.hash,
      token.life.count(), token.session_life.count(), user.email.key, user.workspace.key,
      name_search_keys(user.fullname.text), email_search_keys(user.email.text));
  const std::string_view outcome{rows[0]["outcome"].c_str()};
  if (outcome == "signed_up") return to_signed_in(rows[0]);
  if (outcome == "bad_invitation") {
    throw invalid_field("invitation", "is not valid for this workspace, or no longer");
  }
  if (outcome == "email_taken") {
    throw Error{ErrorCode::email_taken, "This e-mail address is already registered."};
  }
  throw Error{ErrorCode::invitation_required,
              "This workspace exists already; joining it needs an invitation."};
}

BlockOutcome to_block_outcome(std::string_view text) {
  if (text == "done") return BlockOutcome::done;
  if (text == "not_found") return BlockOutcome::not_found;
  if (text == "oneself") return BlockOutcome::oneself;
  if (text == "full") return BlockOutcome::full;
  throw_unknown("block outcome", text);
}

}  // namespace

awaitable<SignedIn> PostgresUserRepository::sign_up(NewUser user, WorkspaceJoin join,
                                                    NewRefreshToken token) {
  co_return co_await database_.change(
      [&](Connection& connection) { return sign_up_on(connection, user, join, token); });
}

awaitable<std::optional<Credentials>> PostgresUserRepository::find_credentials(
    std::string email_key) {
  co_return co_await database_.read([&](Connection& connection) {
    return to_credentials(connection.run(credentials_by_email, email_key));
  });
}

awaitable<std::optional<Credentials>> PostgresUserRepository::find_credentials(UserId user) {
  co_return co_await database_.read([&](Connection& connection) {
    return to_credentials(connection.run(credentials_by_id, user));
  });
}

awaitable<std::vector<User>> PostgresUserRepository::list(WorkspaceId workspace, std::string part,
                                                          UserId after, std::int64_t limit) {
  co_return co_await database_.read([&](Connection& connection) {
    std::vector<User> users;
    for (const auto& row : connection.run(select_users, workspace, part, after, limit)) {
      users.push_back(to_user(row));
    }
    return users;
  });
}

awaitable<std::optional<User>> PostgresUserRepository::find(WorkspaceId workspace, UserId user) {
  co_return co_await database_.read([&](Connection& connection) -> std::optional<User> {
    const auto rows = connection.run(select_user, workspace, user);
    if (rows.empty()) return std::nullopt;
    return to_user(rows[0]);
  });
}

awaitable<ChangedProfile> PostgresUserRepository::update_profile(Caller caller,
                                                                 ProfilePatch patch) {
  const auto changes = to_jsonb(patch);
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(update_profile_statement, caller.workspace, caller.user, changes);
    ChangedProfile changed;
    if (!rows.empty()) changed.user = to_user(rows[0]);
    return changed;
  });
}

awaitable<BlockOutcome> PostgresUserRepository::block(Caller caller, UserId user) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows =
        connection.run(block_statement, caller.workspace, caller.user, user, blocks_max);
    return to_block_outcome(rows[0][0].c_str());
  });
}

awaitable<BlockOutcome> PostgresUserRepository::unblock(Caller caller, UserId user) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(unblock_statement, caller.workspace, caller.user, user);
    return to_block_outcome(rows[0][0].c_str());
  });
}

awaitable<ChangedPassword> PostgresUserRepository::change_password(UserId user,
                                                                   std::string old_hash,
                                                                   std::string new_hash,
                                                                   SessionId kept) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(change_password_statement, user, old_hash, new_hash, kept);
    ChangedPassword changed;
    changed.done = !rows.empty();
    if (changed.done) changed.version = rows[0]["password_version"].as<std::int64_t>();
    for (const auto& row : rows) {
      if (!row["ended"].is_null()) changed.ended.push_back(to_id<SessionId>(row["ended"]));
    }
    return changed;
  });
}

awaitable<RenewedHash> PostgresUserRepository::renew_password_hash(UserId user,
                                                                   std::int64_t version,
                                                                   std::string old_hash,
                                                                   std::string new_hash) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(renew_hash_statement, user, version, old_hash, new_hash);
    RenewedHash renewed;
    if (!rows.empty()) renewed.stored = rows[0][0].as<std::string>();
    return renewed;
  });
}

}  // namespace fechatter::server
