#include "fechatter_server/auth/session_json.hpp"

#include "fechatter_server/user/user_json.hpp"
#include "fechatter_server/workspace/workspace_json.hpp"

namespace fechatter::server {

nlohmann::json to_json(const AuthTokens& tokens) {
  return {{"access_token", tokens.access_token},
          {"refresh_token", tokens.refresh_token},
          {"token_type", "Bearer"},
          {"expires_in", tokens.access_life.count()},
          {"user", json_tree(tokens.signed_in.user)},
          {"workspace", to_json(tokens.signed_in.workspace)}};
}

}  // namespace fechatter::server
