#pragma once

#include "fechatter_core/nats/revocation_channel.hpp"
#include "fechatter_core/service/workspace_service.hpp"
#include "fechatter_server/workspace/audit_counts.hpp"
#include "fechatter_server/workspace/postgres_workspace_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: WorkspaceService.
class Workspaces final : public WorkspaceService {
 public:
  Workspaces(std::chrono::seconds invitation_life, PostgresWorkspaceRepository& repository,
             nats::RevocationChannel& revocations, AuditCounts& audit)
      : invitation_life_{invitation_life},
        repository_{repository},
        revocations_{revocations},
        audit_{audit} {}

  awaitable<Invitation> invite(Caller caller, std::optional<EmailAddress> email) override;
  awaitable<std::vector<Invitation>> list_invitations(Caller caller, InvitationId after,
                                                      std::int64_t limit) override;
  awaitable<> revoke_invitation(Caller caller, InvitationId invitation) override;
  awaitable<User> update_member(Caller caller, UserId user, WorkspaceMemberPatch patch) override;

 private:
  const std::chrono::seconds invitation_life_;
  PostgresWorkspaceRepository& repository_;
  nats::RevocationChannel& revocations_;
  AuditCounts& audit_;
};

}  // namespace fechatter::server
