#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/workspace.hpp"

namespace fechatter {

// What became of a change of somebody's standing.
struct ChangedStanding {
  enum class Outcome { done, forbidden, not_found, oneself, suspended_owner };
  Outcome outcome = Outcome::forbidden;
  std::optional<User> user;      // when done
  std::vector<SessionId> ended;  // sessions of somebody suspended
};

// As UserRepository in errors and threads.
class WorkspaceRepository {
 public:
  virtual ~WorkspaceRepository() = default;

  // Stores an invitation. Nothing when `inviter` is no active owner or admin of that workspace.
  virtual awaitable<std::optional<Invitation>> create_invitation(WorkspaceId workspace,
                                                                 UserId inviter,
                                                                 std::string token_hash,
                                                                 std::chrono::seconds life) = 0;
  // In the order of their ids, beginning after `after`. Nothing when the caller is no active owner
  // or admin of that workspace.
  virtual awaitable<std::optional<std::vector<Invitation>>> list_invitations(
      WorkspaceId workspace, UserId caller, InvitationId after, std::int64_t limit) = 0;
  // False when there is no such invitation, or it is accepted already. Nothing as above.
  virtual awaitable<std::optional<bool>> revoke_invitation(WorkspaceId workspace, UserId caller,
                                                           InvitationId invitation) = 0;

  // The owner changes roles and standing of all others, an admin the standing of members. Tells
  // whoever shares a chat with them.
  virtual awaitable<ChangedStanding> set_standing(WorkspaceId workspace, UserId caller, UserId user,
                                                  WorkspaceMemberPatch patch) = 0;
};

}  // namespace fechatter
