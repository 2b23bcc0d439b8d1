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

ProfileColumns::ProfileColumns(const pqxx::row& row, const std::string& prefix)
    : workspace_id{row.column_number(prefix + "workspace_id")},
      fullname{row.column_number(prefix + "fullname")},
      email{row.column_number(prefix + "email")},
      status{row.column_number(prefix + "status")},
      role{row.column_number(prefix + "role")},
      avatar_url{row.column_number(prefix + "avatar_url")},
      title{row.column_number(prefix + "title")},
      bio{row.column_number(prefix + "bio")} {}

UserColumns::UserColumns(const pqxx::row& row, const std::string& prefix)
    : ProfileColumns{row, prefix},
      id{row.column_number(prefix + "id")},
      created_at{row.column_number(prefix + "created_at")} {}

User to_profile(const pqxx::row& row, const ProfileColumns& columns) {
  User user;
  user.workspace_id = to_id<WorkspaceId>(row[columns.workspace_id]);
  user.fullname = row[columns.fullname].as<std::string>();
  user.email = row[columns.email].as<std::string>();
  user.status = to_user_status(row[columns.status].c_str());
  user.role = to_workspace_role(row[columns.role].c_str());
  user.avatar_url = find_text(row[columns.avatar_url]);
  user.title = find_text(row[columns.title]);
  user.bio = find_text(row[columns.bio]);
  return user;
}

User to_user(const pqxx::row& row, const UserColumns& columns) {
  auto user = to_profile(row, columns);
  user.id = to_id<UserId>(row[columns.id]);
  user.created_at = to_time(row[columns.created_at]);
  return user;
}

User to_user(const pqxx::row& row) {
  return to_user(row, UserColumns{row});
}

}  // namespace fechatter::server
