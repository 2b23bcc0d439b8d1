#pragma once

#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/model/user.hpp"

namespace fechatter {

struct Workspace {
  WorkspaceId id;
  std::string name;
  UserId owner_id;
  Timestamp created_at;
};

// A change of a member's role or status in the workspace; an absent field stays as it is.
struct WorkspaceMemberPatch {
  std::optional<WorkspaceRole> role;  // owner: the workspace is handed over
  std::optional<UserStatus> status;
};

struct Invitation {
  InvitationId id;
  std::string token;  // only in the answer to its creation
  UserId created_by;
  std::optional<std::string> email;  // the only address that may use it; nullopt: any
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> accepted_at;
  std::optional<UserId> accepted_by;
};

}  // namespace fechatter
