#include "fechatter_server/user/user_json.hpp"

#include "fechatter_server/json_values.hpp"
#include "fechatter_server/role_names.hpp"

namespace fechatter::server {

const char* api_name(UserStatus status) {
  return status == UserStatus::active ? "Active" : "Suspended";
}

std::optional<UserStatus> find_user_status(std::string_view name) {
  if (name == "Active") return UserStatus::active;
  if (name == "Suspended") return UserStatus::suspended;
  return std::nullopt;
}

nlohmann::json to_json(const User& user) {
  return {{"id", user.id.value},
          {"workspace_id", user.workspace_id.value},
          {"fullname", user.fullname},
          {"email", user.email},
          {"status", api_name(user.status)},
          {"role", role_name(user.role)},
          {"avatar_url", or_null(user.avatar_url)},
          {"title", or_null(user.title)},
          {"bio", or_null(user.bio)},
          {"created_at", to_rfc3339(user.created_at)}};
}

}  // namespace fechatter::server
