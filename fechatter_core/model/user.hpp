#pragma once

#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter {

enum class UserStatus { active, suspended };
enum class WorkspaceRole { owner, admin, member };

struct User {
  UserId id;
  WorkspaceId workspace_id;
  std::string fullname;
  std::string email;
  UserStatus status = UserStatus::active;
  WorkspaceRole role = WorkspaceRole::member;
  std::optional<std::string> avatar_url;
  std::optional<std::string> title;
  std::optional<std::string> bio;
  Timestamp created_at;
};

// What changes of a profile. An outer absence leaves a field as it is, an inner one clears it.
struct ProfilePatch {
  using Field = std::optional<std::optional<std::string>>;
  std::optional<std::string> fullname;
  Field avatar_url;
  Field title;
  Field bio;
};

// What changes of somebody's standing in the workspace; what is absent stays.
struct StandingPatch {
  std::optional<WorkspaceRole> role;  // owner: the workspace is handed over
  std::optional<UserStatus> status;
};

struct Workspace {
  WorkspaceId id;
  std::string name;
  UserId owner_id;
  Timestamp created_at;
};

}  // namespace fechatter
