#include "fechatter_server/workspace/postgres_workspace_repository.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;

// No row: the caller may not invite. Concurrent requests may exceed the limit by their number.
const postgres::Statement insert_invitation{"insert_invitation", R"(
WITH inviter AS (
  SELECT u.id, u.workspace_id FROM users u WHERE u.workspace_id = $1 AND u.id = $2
    AND u.status = 'active' AND u.role IN ('owner', 'admin')
), made AS (
  INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at, email, email_key)
    SELECT n.workspace_id, n.id, $3, clock_timestamp() + $4::bigint * interval '1 second', $6, $7
    FROM inviter n
    WHERE (SELECT count(*) FROM invitations i
           WHERE i.created_by = n.id AND i.revoked_at IS NULL AND i.accepted_at IS NULL
             AND i.expires_at > clock_timestamp()) < $5::bigint
    RETURNING *
), noted AS (
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    SELECT m.workspace_id, 'user ' || m.created_by, 'invitation.create', 'invitation ' || m.id, $8
    FROM made m
)
SELECT m.id, m.created_by, m.email, unix_micros(m.created_at) AS created_at,
       unix_micros(m.expires_at) AS expires_at, NULL AS revoked_at, NULL AS accepted_at,
       NULL AS accepted_by
FROM inviter n LEFT JOIN made m ON true)"};

// The caller is the first row source: without the right to see invitations there is no row at all.
const postgres::Statement select_invitations{"select_invitations", R"(
SELECT i.id, i.created_by, i.email, unix_micros(i.created_at) AS created_at,
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
), noted AS (
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    SELECT $1::bigint, 'user ' || $2::bigint, 'invitation.revoke', 'invitation ' || r.id, $4
    FROM revoked r
)
SELECT r.id FROM caller c LEFT JOIN revoked r ON true)"};

const postgres::Statement update_member_statement{"set_workspace_member", R"(
WITH changed AS MATERIALIZED (
  SELECT * FROM set_workspace_member($1, $2, $3, $4, $5)
), noted AS (
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    SELECT $1::bigint, 'user ' || $2::bigint,
           CASE WHEN $4 IS NULL AND $5 = 'suspended' THEN 'user.suspend'
                WHEN $4 IS NULL AND $5 = 'active' THEN 'user.resume'
                WHEN $5 IS NULL AND $4 IS NOT NULL THEN 'user.promote'
                ELSE 'user.update' END,
           'user ' || $3::bigint, $6
    FROM changed WHERE outcome = 'done'
)
SELECT outcome, array_to_json(ended)::text AS ended, (person).* FROM changed)"};

Invitation to_invitation(const pqxx::row& row) {
  return {to_id<InvitationId>(row["id"]),     {},
          to_id<UserId>(row["created_by"]),   find_text(row["email"]),
          to_time(row["created_at"]),         to_time(row["expires_at"]),
          find_time(row["revoked_at"]),       find_time(row["accepted_at"]),
          find_id<UserId>(row["accepted_by"])};
}

ChangedWorkspaceMember::Outcome to_outcome(std::string_view text) {
  using Outcome = ChangedWorkspaceMember::Outcome;
  if (text == "done") return Outcome::done;
  if (text == "forbidden") return Outcome::forbidden;
  if (text == "not_found") return Outcome::not_found;
  if (text == "oneself") return Outcome::oneself;
  if (text == "suspended") return Outcome::suspended_owner;
  throw_unknown("workspace member outcome", text);
}

ChangedWorkspaceMember to_changed_member(const pqxx::row& row) {
  ChangedWorkspaceMember changed;
  changed.outcome = to_outcome(row["outcome"].c_str());
  if (changed.outcome != ChangedWorkspaceMember::Outcome::done) return changed;
  changed.user = to_user(row);
  changed.ended = to_ids<SessionId>(row["ended"]);
  return changed;
}

}  // namespace

awaitable<CreatedInvitation> PostgresWorkspaceRepository::create_invitation(
    AuditedCaller inviter, std::optional<EmailAddress> email, std::string token_hash,
    std::chrono::seconds life) {
  std::optional<std::string> address;
  std::optional<std::string> key;
  if (email) {
    address = email->text;
    key = email->key;
  }
  co_return co_await database_.change([&](Connection& connection) {
    const auto& [workspace, user] = inviter.caller;
    const auto rows = connection.run(insert_invitation, workspace, user, token_hash, life.count(),
                                     open_invitations_max, address, key, inviter.request_id);
    CreatedInvitation created;
    created.allowed = !rows.empty();
    if (created.allowed && !rows[0]["id"].is_null()) created.invitation = to_invitation(rows[0]);
    return created;
  });
}

awaitable<std::optional<std::vector<Invitation>>> PostgresWorkspaceRepository::list_invitations(
    Caller caller, InvitationId after, std::int64_t limit) {
  using Invitations = std::optional<std::vector<Invitation>>;
  co_return co_await database_.read([&](Connection& connection) -> Invitations {
    const auto rows =
        connection.run(select_invitations, caller.workspace, caller.user, after, limit);
    if (rows.empty()) return std::nullopt;
    std::vector<Invitation> invitations;
    for (const auto& row : rows) {
      if (!row["id"].is_null()) invitations.push_back(to_invitation(row));
    }
    return invitations;
  });
}

awaitable<RevocationOutcome> PostgresWorkspaceRepository::revoke_invitation(
    AuditedCaller by, InvitationId invitation) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto& [workspace, user] = by.caller;
    const auto rows = connection.run(revoke_statement, workspace, user, invitation, by.request_id);
    if (rows.empty()) return RevocationOutcome::forbidden;
    return rows[0][0].is_null() ? RevocationOutcome::not_found : RevocationOutcome::done;
  });
}

awaitable<ChangedWorkspaceMember> PostgresWorkspaceRepository::update_member(
    AuditedCaller by, UserId user, WorkspaceMemberPatch patch) {
  std::optional<std::string> role;
  std::optional<std::string> status;
  if (patch.role) role = role_name(*patch.role);
  if (patch.status) status = sql_name(*patch.status);
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(update_member_statement, by.caller.workspace, by.caller.user,
                                     user, role, status, by.request_id);
    return to_changed_member(rows[0]);
  });
}

}  // namespace fechatter::server
