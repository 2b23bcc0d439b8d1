#pragma once

#include "fechatter_core/nats/revocation_channel.hpp"
#include "fechatter_core/repository/workspace_repository.hpp"
#include "fechatter_core/service/workspace_service.hpp"

namespace fechatter::server {

class Workspaces : public WorkspaceService {
 public:
  Workspaces(std::chrono::seconds invitation_life, WorkspaceRepository& repository,
             nats::RevocationChannel& revocations)
      : invitation_life_{invitation_life}, repository_{repository}, revocations_{revocations} {}

  awaitable<Invitation> invite(auth::Identity caller) override;
  awaitable<std::vector<Invitation>> list_invitations(auth::Identity caller, InvitationId after,
                                                      std::int64_t limit) override;
  awaitable<> revoke_invitation(auth::Identity caller, InvitationId invitation) override;
  awaitable<User> set_standing(auth::Identity caller, UserId user,
                               WorkspaceMemberPatch patch) override;

 private:
  const std::chrono::seconds invitation_life_;
  WorkspaceRepository& repository_;
  nats::RevocationChannel& revocations_;
};

}  // namespace fechatter::server
