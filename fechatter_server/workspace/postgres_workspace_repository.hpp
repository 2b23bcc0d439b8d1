#pragma once

#include <functional>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/workspace_repository.hpp"

namespace fechatter::server {

class PostgresWorkspaceRepository : public WorkspaceRepository {
 public:
  // `committed` is called after each change that has an event, on the caller's thread.
  PostgresWorkspaceRepository(postgres::Database& database, std::function<void()> committed)
      : database_{database}, committed_{std::move(committed)} {}

  awaitable<std::optional<Invitation>> create_invitation(WorkspaceId workspace, UserId inviter,
                                                         std::string token_hash,
                                                         std::chrono::seconds life) override;
  awaitable<std::optional<std::vector<Invitation>>> list_invitations(WorkspaceId workspace,
                                                                     UserId caller,
                                                                     InvitationId after,
                                                                     std::int64_t limit) override;
  awaitable<std::optional<bool>> revoke_invitation(WorkspaceId workspace, UserId caller,
                                                   InvitationId invitation) override;
  awaitable<ChangedStanding> set_standing(WorkspaceId workspace, UserId caller, UserId user,
                                          WorkspaceMemberPatch patch) override;

 private:
  postgres::Database& database_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
