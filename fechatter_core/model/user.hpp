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
  Timestamp created_at;
};

struct Workspace {
  WorkspaceId id;
  std::string name;
  UserId owner_id;
  Timestamp created_at;
};

}  // namespace fechatter
