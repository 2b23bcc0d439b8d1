#include "fechatter_server/workspace/workspace_repository.hpp"

#include "fechatter_server/rows.hpp"

namespace fechatter::server {
namespace {

const postgres::Statement insert_invitation{
    "insert_invitation",
    "INSERT INTO invitations (workspace_id, created_by, token_hash, expires_at) "
    "SELECT u.workspace_id, u.id, $3, clock_timestamp() + $4::bigint * interval '1 second' "
    "FROM users u WHERE u.workspace_id = $1 AND u.id = $2 AND u.status = 'active' "
    "AND u.role IN ('owner', 'admin') RETURNING id, unix_micros(expires_at)"};

}  // namespace

awaitable<std::optional<Invitation>> PostgresWorkspaceRepository::create_invitation(
    WorkspaceId workspace, UserId inviter, std::string token_hash, std::chrono::seconds life) {
  co_return co_await database_.run(
      [&](postgres::Connection& connection) -> std::optional<Invitation> {
        const auto rows =
            connection.run(insert_invitation, workspace, inviter, token_hash, life.count());
        if (rows.empty()) return std::nullopt;
        return Invitation{to_id<InvitationId>(rows[0][0]), {}, to_time(rows[0][1])};
      });
}

}  // namespace fechatter::server
