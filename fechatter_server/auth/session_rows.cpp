#include "fechatter_server/auth/session_rows.hpp"

#include "fechatter_server/columns.hpp"
#include "fechatter_server/user/user_rows.hpp"

namespace fechatter::server {

SignedIn to_signed_in(const pqxx::row& row) {
  SignedIn signed_in;
  signed_in.session_id = to_id<SessionId>(row["session_id"]);
  auto& user = signed_in.user;
  user = to_profile(row, ProfileColumns{row});
  user.id = to_id<UserId>(row["user_id"]);
  user.created_at = to_time(row["user_created_at"]);
  auto& workspace = signed_in.workspace;
  workspace.id = user.workspace_id;
  workspace.name = row["workspace_name"].as<std::string>();
  workspace.owner_id = to_id<UserId>(row["workspace_owner_id"]);
  workspace.created_at = to_time(row["workspace_created_at"]);
  return signed_in;
}

}  // namespace fechatter::server
