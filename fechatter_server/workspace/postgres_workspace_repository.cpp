#include "fechatter_server/workspace/postgres_workspace_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

const postgres::Statement insert_invitation{
    "insert_invitation",
    "INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at) "
    "SELECT u.workspace_id, u.id, $3, clock_timestamp() + $4::bigint * interval '1 second' "
    "FROM users u WHERE u.workspace_id = $1 AND u.id = $2 AND u.status = 'active' "
    "AND u.role IN ('owner', 'admin') RETURNING id, created_by, "
    "unix_micros(created_at) AS created_at, unix_micros(expires_at) AS expires_at, "
    "NULL AS revoked_at, NULL AS accepted_at, NULL AS accepted_by"};

// The caller is the first row source: who may not see them gets no row at all.
const postgres::Statement select_invitations{"select_invitations", R"(
SELECT i.id, i.created_by, unix_micros(i.created_at) AS created_at,
       unix_micros(i.expires_at) AS expires_at, unix_micros(i.revoked_at) AS revoked_at,
       unix_micros(i.accepted_at) AS accepted_at, i.accepted_by
FROM users u LEFT JOIN LATERAL (
  SELECT x.* FROM invitations x WHERE x.workspace_id = u.workspace_id AND x.id > $3
  ORDER BY x.id LIMIT $4) i ON true
WHERE u.workspace_id = $1 AND u.id = $2 AND u.status = 'active' AND u.role IN ('owner', 'admin')
ORDER BY i.id)"};

const postgres::Statement revoke_statement{"revoke_invitation", R"(
WITH caller AS (
  SELECT u.workspace_id FROM users u WHERE u.workspace_id = $1 AND u.id = $2
    AND u.status = 'active' AND u.role IN ('owner', 'admin')
), revoked AS (
  UPDATE invitations i SET revoked_at = coalesce(i.revoked_at, clock_timestamp()) FROM caller c
  WHERE i.id = $3 AND i.workspace_id = c.workspace_id AND i.accepted_at IS NULL RETURNING i.id
)
SELECT r.id FROM caller c LEFT JOIN revoked r ON true)"};

const postgres::Statement set_standing_statement{
    "set_workspace_member",
    "SELECT outcome, array_to_json(ended)::text AS ended, (person).id, (person).workspace_id, "
    "(person).fullname, (person).email, (person).status, (person).role, (person).avatar_url, "
    "(person).title, (person).bio, unix_micros((person).created_at) AS created_at "
    "FROM set_workspace_member($1, $2, $3, $4, $5)"};

Invitation to_invitation(const pqxx::row& row) {
  return {to_id<InvitationId>(row["id"]),   {},
          to_id<UserId>(row["created_by"]), to_time(row["created_at"]),
          to_time(row["expires_at"]),       find_time(row["revoked_at"]),
          find_time(row["accepted_at"]),    find_id<UserId>(row["accepted_by"])};
}

ChangedStanding::Outcome to_outcome(std::string_view text) {
  using Outcome = ChangedStanding::Outcome;
  if (text == "done") return Outcome::done;
  if (text == "forbidden") return Outcome::forbidden;
  if (text == "not_found") return Outcome::not_found;
  if (text == "oneself") return Outcome::oneself;
  if (text == "suspended") return Outcome::suspended_owner;
  throw std::runtime_error{"unknown outcome: " + std::string{text}};
}

}  // namespace

awaitable<std::optional<Invitation>> PostgresWorkspaceRepository::create_invitation(
    WorkspaceId workspace, UserId inviter, std::string token_hash, std::chrono::seconds life) {
  co_return co_await database_.run(
      [&](postgres::Connection& connection) -> std::optional<Invitation> {
        const auto rows =
            connection.run(insert_invitation, workspace, inviter, token_hash, life.count());
        if (rows.empty()) return std::nullopt;
        return to_invitation(rows[0]);
      });
}

awaitable<std::optional<std::vector<Invitation>>> PostgresWorkspaceRepository::list_invitations(
    WorkspaceId workspace, UserId caller, InvitationId after, std::int64_t limit) {
  using Invitations = std::optional<std::vector<Invitation>>;
  co_return co_await database_.run([&](postgres::Connection& connection) -> Invitations {
    const auto rows = connection.run(select_invitations, workspace, caller, after, limit);
    if (rows.empty()) return std::nullopt;
    std::vector<Invitation> invitations;
    for (const auto& row : rows) {
      if (!row["id"].is_null()) invitations.push_back(to_invitation(row));
    }
    return invitations;
  });
}

awaitable<std::optional<bool>> PostgresWorkspaceRepository::revoke_invitation(
    WorkspaceId workspace, UserId caller, InvitationId invitation) {
  co_return co_await database_.run([&](postgres::Connection& connection) -> std::optional<bool> {
    const auto rows = connection.run(revoke_statement, workspace, caller, invitation);
    if (rows.empty()) return std::nullopt;
    return !rows[0][0].is_null();
  });
}

awaitable<ChangedStanding> PostgresWorkspaceRepository::set_standing(WorkspaceId workspace,
                                                                     UserId caller, UserId user,
                                                                     WorkspaceMemberPatch patch) {
  std::optional<std::string> role;
  std::optional<std::string> status;
  if (patch.role) role = role_name(*patch.role);
  if (patch.status) status = *patch.status == UserStatus::active ? "active" : "suspended";
  auto changed = co_await database_.run([&](postgres::Connection& connection) {
    const auto rows = connection.run(set_standing_statement, workspace, caller, user, role, status);
    ChangedStanding result;
    result.outcome = to_outcome(rows[0]["outcome"].c_str());
    if (result.outcome != ChangedStanding::Outcome::done) return result;
    result.user = to_user(rows[0]);
    result.ended = to_ids<SessionId>(rows[0]["ended"]);
    return result;
  });
  if (changed.outcome == ChangedStanding::Outcome::done) committed_();
  co_return changed;
}

}  // namespace fechatter::server
