#include "fechatter_server/user/user_rows.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/role_names.hpp"

namespace fechatter::server {
namespace {

WorkspaceRole to_workspace_role(std::string_view text) {
  const auto role = find_role<WorkspaceRole>(text);
  if (!role) throw_unknown("workspace role", text);
  return *role;
}

}  // namespace

UserStatus to_user_status(std::string_view text) {
  if (text == "active") return UserStatus::active;
  if (text == "suspended") return UserStatus::suspended;
  throw_unknown("user status", text);
}

const char* sql_name(UserStatus status) {
  return status == UserStatus::active ? "active" : "suspended";
}

User to_profile(const pqxx::row& row, const std::string& prefix) {
  User user;
  user.workspace_id = to_id<WorkspaceId>(row[prefix + "workspace_id"]);
  user.fullname = row[prefix + "fullname"].as<std::string>();
  user.email = row[prefix + "email"].as<std::string>();
  user.status = to_user_status(row[prefix + "status"].c_str());
  user.role = to_workspace_role(row[prefix + "role"].c_str());
  user.avatar_url = find_text(row[prefix + "avatar_url"]);
  user.title = find_text(row[prefix + "title"]);
  user.bio = find_text(row[prefix + "bio"]);
  return user;
}

User to_user(const pqxx::row& row, const std::string& prefix) {
  auto user = to_profile(row, prefix);
  user.id = to_id<UserId>(row[prefix + "id"]);
  user.created_at = to_time(row[prefix + "created_at"]);
  return user;
}

}  // namespace fechatter::server
