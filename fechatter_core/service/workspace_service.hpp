#pragma once

#include <optional>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/workspace.hpp"
#include "fechatter_core/text/email.hpp"

namespace fechatter {

// The invitations and members of the caller's workspace. Any I/O thread. Throws forbidden unless
// the caller is an owner or admin of the workspace. Changes get a row of audit_log.
class WorkspaceService {
 public:
  virtual ~WorkspaceService() = default;

  // With `email` only this address may use it. Throws too_many_invitations.
  virtual awaitable<Invitation> invite(AuditedCaller by, std::optional<EmailAddress> email) = 0;
  virtual awaitable<std::vector<Invitation>> list_invitations(Caller caller, InvitationId after,
                                                              std::int64_t limit) = 0;
  // Throws not_found for an invitation that is accepted already.
  virtual awaitable<> revoke_invitation(AuditedCaller by, InvitationId invitation) = 0;

  // Suspending a user ends all of the user's sessions and hands on the user's chats; a user without
  // the right to invite loses the open invitations. Throws not_found for a user of another
  // workspace, invalid_fields for the caller's own id.
  virtual awaitable<User> update_member(AuditedCaller by, UserId user,
                                        WorkspaceMemberPatch patch) = 0;
};

}  // namespace fechatter
