#include "fechatter_server/workspace/workspaces.hpp"

#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

Error not_allowed() {
  return Error{ErrorCode::forbidden, "Only owners and admins of the workspace may do this."};
}

}  // namespace

awaitable<Invitation> Workspaces::invite(auth::Identity caller) {
  auto token = auth::new_token();
  auto hash = auth::hash_of(token);
  auto invitation = co_await repository_.create_invitation(caller.workspace_id, caller.user_id,
                                                           std::move(hash), invitation_life_);
  if (!invitation) throw not_allowed();
  invitation->token = std::move(token);
  co_return std::move(*invitation);
}

awaitable<std::vector<Invitation>> Workspaces::list_invitations(auth::Identity caller,
                                                                InvitationId after,
                                                                std::int64_t limit) {
  auto invitations =
      co_await repository_.list_invitations(caller.workspace_id, caller.user_id, after, limit);
  if (!invitations) throw not_allowed();
  co_return std::move(*invitations);
}

awaitable<> Workspaces::revoke_invitation(auth::Identity caller, InvitationId invitation) {
  const auto revoked =
      co_await repository_.revoke_invitation(caller.workspace_id, caller.user_id, invitation);
  if (!revoked) throw not_allowed();
  if (!*revoked) throw Error{ErrorCode::not_found, "There is no such open invitation."};
}

awaitable<User> Workspaces::set_standing(auth::Identity caller, UserId user,
                                         WorkspaceMemberPatch patch) {
  auto changed =
      co_await repository_.set_standing(caller.workspace_id, caller.user_id, user, patch);
  using Outcome = ChangedStanding::Outcome;
  switch (changed.outcome) {
    case Outcome::done: break;
    case Outcome::forbidden: throw not_allowed();
    case Outcome::not_found: throw Error{ErrorCode::not_found, "There is no such user."};
    case Outcome::oneself: throw invalid_field("id", "is your own: somebody else must do this");
    case Outcome::suspended_owner: throw invalid_field("status", "an owner cannot be suspended");
  }
  revocations_.announce(changed.ended);
  co_return std::move(*changed.user);
}

}  // namespace fechatter::server
