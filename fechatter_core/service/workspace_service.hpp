#pragma once

#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/workspace.hpp"

namespace fechatter {

// Who may come into a workspace, and what they may do there. Any I/O thread. Throws forbidden
// unless the caller is an owner or admin of the workspace.
class WorkspaceService {
 public:
  virtual ~WorkspaceService() = default;

  virtual awaitable<Invitation> invite(auth::Identity caller) = 0;
  virtual awaitable<std::vector<Invitation>> list_invitations(auth::Identity caller,
                                                              InvitationId after,
                                                              std::int64_t limit) = 0;
  // Throws not_found for one that is accepted already.
  virtual awaitable<> revoke_invitation(auth::Identity caller, InvitationId invitation) = 0;

  // Who is suspended is signed out everywhere. Throws not_found for who is not of the workspace,
  // invalid_fields for oneself.
  virtual awaitable<User> set_standing(auth::Identity caller, UserId user,
                                       WorkspaceMemberPatch patch) = 0;
};

}  // namespace fechatter
