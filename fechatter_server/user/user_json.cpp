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

std::size_t json_size(const User& user) {
  constexpr std::size_t own_fields = 230;  // with numbers of the greatest length
  return own_fields + fechatter::json_size(user.fullname) + fechatter::json_size(user.email) +
         json_size_or_null(user.avatar_url) + json_size_or_null(user.title) +
         json_size_or_null(user.bio);
}

void write_json(JsonWriter& out, const User& user) {
  const auto object = out.object();
  out.field("id", user.id)
      .field("workspace_id", user.workspace_id)
      .field("fullname", user.fullname)
      .field("email", user.email)
      .field("status", api_name(user.status))
      .field("role", role_name(user.role))
      .field("avatar_url", user.avatar_url)
      .field("title", user.title)
      .field("bio", user.bio)
      .field("created_at", user.created_at);
}

}  // namespace fechatter::server
