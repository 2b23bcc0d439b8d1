#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/workspace.hpp"
#include "fechatter_core/text/email.hpp"

namespace fechatter {

inline constexpr int open_invitations_max = 100;  // of one inviter

struct CreatedInvitation {
  bool allowed = false;                  // the caller is an active owner or admin
  std::optional<Invitation> invitation;  // nullopt: not allowed, or open_invitations_max reached
};

enum class RevocationOutcome {
  done,
  forbidden,  // the caller is no active owner or admin of the workspace
  not_found,  // no such invitation, or it is accepted already
};

struct ChangedWorkspaceMember {
  enum class Outcome { done, forbidden, not_found, oneself, suspended_owner };
  Outcome outcome = Outcome::forbidden;
  std::optional<User> user;      // when done
  std::vector<SessionId> ended;  // the sessions of a user who is suspended by this
};

inline bool wrote_event(const CreatedInvitation&) {
  return false;
}
inline bool wrote_event(RevocationOutcome) {
  return false;
}
inline bool wrote_event(const ChangedWorkspaceMember& changed) {
  return changed.outcome == ChangedWorkspaceMember::Outcome::done;
}

// Threads and errors as described at UserRepository (repository/user_repository.hpp).
class WorkspaceRepository {
 public:
  virtual ~WorkspaceRepository() = default;

  // With `email` only this address may use it.
  virtual awaitable<CreatedInvitation> create_invitation(AuditedCaller inviter,
                                                         std::optional<EmailAddress> email,
                                                         std::string token_hash,
                                                         std::chrono::seconds life) = 0;
  // By id, beginning after `after`. Nullopt: the caller is no active owner or admin.
  virtual awaitable<std::optional<std::vector<Invitation>>> list_invitations(
      Caller caller, InvitationId after, std::int64_t limit) = 0;
  virtual awaitable<RevocationOutcome> revoke_invitation(AuditedCaller by,
                                                         InvitationId invitation) = 0;

  // The owner changes role and status of every other member, an admin the status of members whose
  // role is member. A suspended user's chats are handed on; the open invitations of a user without
  // the right to invite are revoked. The event goes to every user that shares a chat with `user`.
  virtual awaitable<ChangedWorkspaceMember> update_member(AuditedCaller by, UserId user,
                                                          WorkspaceMemberPatch patch) = 0;
};

}  // namespace fechatter
