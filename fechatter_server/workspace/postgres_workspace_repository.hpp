#pragma once

#include "fechatter_core/repository/workspace_repository.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: WorkspaceRepository.
class PostgresWorkspaceRepository final : public WorkspaceRepository {
 public:
  explicit PostgresWorkspaceRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<CreatedInvitation> create_invitation(AuditedCaller inviter,
                                                 std::optional<EmailAddress> email,
                                                 std::string token_hash,
                                                 std::chrono::seconds life) override;
  awaitable<std::optional<std::vector<Invitation>>> list_invitations(Caller caller,
                                                                     InvitationId after,
                                                                     std::int64_t limit) override;
  awaitable<RevocationOutcome> revoke_invitation(AuditedCaller by,
                                                 InvitationId invitation) override;
  awaitable<ChangedWorkspaceMember> update_member(AuditedCaller by, UserId user,
                                                  WorkspaceMemberPatch patch) override;

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
