#pragma once

#include <chrono>
#include <string>

#include "fechatter_core/model/caller.hpp"

namespace fechatter::auth {

// The content of a verified access token.
struct Identity {
  UserId user_id;
  WorkspaceId workspace_id;
  SessionId session_id;
  std::string fullname;
  std::string email;
  std::chrono::sys_seconds expires_at;  // of the token

  Caller caller() const { return {workspace_id, user_id}; }
};

}  // namespace fechatter::auth
