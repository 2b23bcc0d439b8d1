#include "fechatter_server/workspace/workspaces.hpp"

#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_server/workspace/workspace_refusals.hpp"

namespace fechatter::server {

awaitable<Invitation> Workspaces::invite(AuditedCaller by, std::optional<EmailAddress> email) {
  auto token = auth::new_token();
  auto hash = auth::hash_of(token);
  auto created = co_await repository_.create_invitation(std::move(by), std::move(email),
                                                        std::move(hash), invitation_life_);
  if (!created.allowed) throw no_right_in_workspace();
  if (!created.invitation) {
    throw Error{ErrorCode::too_many_invitations,
                "You have as many open invitations as one person may; revoke some of them."};
  }
  created.invitation->token = std::move(token);
  audit_.add(AuditAction::invitation_created);
  co_return std::move(*created.invitation);
}

awaitable<std::vector<Invitation>> Workspaces::list_invitations(Caller caller, InvitationId after,
                                                                std::int64_t limit) {
  auto invitations = co_await repository_.list_invitations(caller, after, limit);
  if (!invitations) throw no_right_in_workspace();
  co_return std::move(*invitations);
}

awaitable<> Workspaces::revoke_invitation(AuditedCaller by, InvitationId invitation) {
  const auto outcome = co_await repository_.revoke_invitation(std::move(by), invitation);
  if (outcome == RevocationOutcome::forbidden) throw no_right_in_workspace();
  if (outcome == RevocationOutcome::not_found) {
    throw Error{ErrorCode::not_found, "There is no such open invitation."};
  }
  audit_.add(AuditAction::invitation_revoked);
}

awaitable<User> Workspaces::update_member(AuditedCaller by, UserId user,
                                          WorkspaceMemberPatch patch) {
  auto changed = co_await repository_.update_member(std::move(by), user, patch);
  using Outcome = ChangedWorkspaceMember::Outcome;
  switch (changed.outcome) {
    case Outcome::done: break;
    case Outcome::forbidden: throw no_right_in_workspace();
    case Outcome::not_found: throw Error{ErrorCode::not_found, "There is no such user."};
    case Outcome::oneself: throw invalid_field("id", "is your own: somebody else must do this");
    case Outcome::suspended_owner: throw invalid_field("status", "an owner cannot be suspended");
  }
  audit_.add(AuditAction::member_changed);
  revocations_.announce(changed.ended);
  co_return std::move(*changed.user);
}

}  // namespace fechatter::server
