#include "fechatter_server/user/postgres_user_repository.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/auth/session_rows.hpp"
#include "fechatter_server/auth/sign_up_fields.hpp"
#include "fechatter_server/auth/sign_up_refusals.hpp"
#include "fechatter_server/columns.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement sign_up_statement{
    "sign_up",
    "SELECT outcome, (signed_in).* "
    "FROM sign_up($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"};

const Statement find_invitation_statement{"find_invitation",
                                          "SELECT * FROM find_invitation($1, $2)"};

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

const Statement change_password_statement{
    "change_password",
    "SELECT version, array_to_json(ended) AS ended FROM change_password($1, $2, $3, $4)"};

const Statement renew_hash_statement{"renew_password_hash",
                                     "SELECT renew_password_hash($1, $2, $3, $4)"};

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
    changes["fullname_key"] = patch.fullname->key;
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

std::string_view sql_name(Founding founding) {
  switch (founding) {
    case Founding::closed: return "closed";
    case Founding::invitation: return "invitation";
    case Founding::open: break;
  }
  return "open";
}

// The row of sign_up().
pqxx::row run_sign_up(Connection& connection, const NewUser& user, SignUpRules rules,
                      const NewRefreshToken& token) {
  std::optional<std::string> workspace;
  std::optional<std::string> workspace_key;
  if (user.workspace) {
    workspace = user.workspace->text;
    workspace_key = user.workspace->key;
  }
  return connection.run(sign_up_statement, user.fullname.text, user.email.text, user.password_hash,
                        workspace, sql_name(rules.founding), rules.join == WorkspaceJoin::open,
                        user.invitation_hash, token.hash, token.life.count(),
                        token.session_life.count(), user.email.key, workspace_key,
                        name_search_keys(user.fullname.text), email_search_keys(user.email.text),
                        user.fullname.key)[0];
}

std::string_view outcome_of(const pqxx::row& row) {
  return row["outcome"].c_str();
}

// Tries the name of the person, then with the numbers from 2 to 9, then with any: others of that
// name may have founded workspaces before. None is joined.
pqxx::row found_after_person(Connection& connection, NewUser user, SignUpRules rules,
                             const NewRefreshToken& token) {
  constexpr int tries_max = 16;
  constexpr int small_max = 9;
  rules.join = WorkspaceJoin::invitation;
  std::mt19937 generator{std::random_device{}()};
  std::uniform_int_distribution<int> any{small_max + 1, 9'999'999};
  for (int number = 1;; ++number) {
    user.workspace =
        workspace_named_after(user.fullname, number <= small_max ? number : any(generator));
    auto row = run_sign_up(connection, user, rules, token);
    if (outcome_of(row) != "invitation_required" || number == tries_max) return row;
  }
}

SignedIn sign_up_on(Connection& connection, const NewUser& user, SignUpRules rules,
                    const NewRefreshToken& token) {
  const bool founds = !user.workspace && !user.invitation_hash && rules.founding == Founding::open;
  const auto row = founds ? found_after_person(connection, user, rules, token)
                          : run_sign_up(connection, user, rules, token);
  if (outcome_of(row) == "signed_up") return to_signed_in(row);
  throw sign_up_refusal(outcome_of(row), rules);
}

BlockOutcome to_block_outcome(std::string_view text) {
  if (text == "done") return BlockOutcome::done;
  if (text == "not_found") return BlockOutcome::not_found;
  if (text == "oneself") return BlockOutcome::oneself;
  if (text == "full") return BlockOutcome::full;
  throw_unknown("block outcome", text);
}

}  // namespace

awaitable<SignedIn> PostgresUserRepository::sign_up(NewUser user, SignUpRules rules,
                                                    NewRefreshToken token) {
  co_return co_await database_.change(
      [&](Connection& connection) { return sign_up_on(connection, user, rules, token); });
}

awaitable<std::optional<InvitationOffer>> PostgresUserRepository::find_invitation(
    std::string token_hash, Founding founding) {
  using Offer = std::optional<InvitationOffer>;
  co_return co_await database_.read([&](Connection& connection) -> Offer {
    const auto rows =
        connection.run(find_invitation_statement, token_hash, founding != Founding::closed);
    if (rows.empty()) return std::nullopt;
    const auto row = rows[0];
    return InvitationOffer{find_text(row["workspace"]), find_text(row["invited_by"]),
                           find_text(row["email"])};
  });
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
    const auto row = rows[0];
    const auto version = row["version"];
    if (version.is_null()) return ChangedPassword{};
    return ChangedPassword{true, version.as<std::int64_t>(), to_ids<SessionId>(row["ended"])};
  });
}

awaitable<RenewedHash> PostgresUserRepository::renew_password_hash(UserId user,
                                                                   std::int64_t version,
                                                                   std::string old_hash,
                                                                   std::string new_hash) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(renew_hash_statement, user, version, old_hash, new_hash);
    return RenewedHash{find_text(rows[0][0])};
  });
}

}  // namespace fechatter::server
