#pragma once

#include <optional>
#include <string_view>

// The names of a WorkspaceRole or ChatRole: the same in the API and in SQL.
namespace fechatter::server {

template <class Role>
const char* role_name(Role role) {
  switch (role) {
    case Role::owner: return "owner";
    case Role::admin: return "admin";
    case Role::member: return "member";
  }
  return "member";
}

template <class Role>
std::optional<Role> find_role(std::string_view name) {
  for (const auto role : {Role::owner, Role::admin, Role::member}) {
    if (name == role_name(role)) return role;
  }
  return std::nullopt;
}

}  // namespace fechatter::server
