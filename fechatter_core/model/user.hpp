#pragma once

#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/text/name.hpp"

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

// A change of a profile. An absent field stays as it is, a present nullopt clears it.
struct ProfilePatch {
  using Field = std::optional<std::optional<std::string>>;
  std::optional<Name> fullname;
  Field avatar_url;
  Field title;
  Field bio;
};

}  // namespace fechatter
