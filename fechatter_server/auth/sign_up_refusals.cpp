#include "fechatter_server/auth/sign_up_refusals.hpp"

#include "fechatter_server/columns.hpp"

namespace fechatter::server {

Error invalid_invitation() {
  return invalid_field("invitation", "is not valid for this workspace, or no longer");
}

Error invitation_required(SignUpRules rules) {
  const auto code = ErrorCode::invitation_required;
  if (rules.founding == Founding::open) {
    return Error{code, "This workspace exists already; joining it needs an invitation."};
  }
  if (rules.join == WorkspaceJoin::open) {
    return Error{code, "There is no workspace of this name, and signing up does not make one."};
  }
  // The same for every name: the answer does not show which workspaces there are.
  return Error{code, "Signing up needs an invitation."};
}

Error sign_up_refusal(std::string_view outcome, SignUpRules rules) {
  if (outcome == "invitation_required") return invitation_required(rules);
  if (outcome == "bad_invitation") return invalid_invitation();
  if (outcome == "other_address") {
    return invalid_field("email", "is not the address that this invitation is for");
  }
  if (outcome == "workspace_required") {
    return invalid_field("workspace", "is required: this invitation founds a workspace");
  }
  if (outcome == "email_taken") {
    return Error{ErrorCode::email_taken, "This e-mail address is already registered."};
  }
  throw_unknown("sign-up outcome", outcome);
}

}  // namespace fechatter::server
