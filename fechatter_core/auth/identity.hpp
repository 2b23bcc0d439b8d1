#pragma once

#include <chrono>
#include <string>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::auth {

// Who is asking: what a verified access token says. Plain value, shared by both processes.
struct Identity {
  UserId user_id;
  WorkspaceId workspace_id;
  SessionId session_id;
  std::string fullname;
  std::string email;
  std::chrono::sys_seconds expires_at;  // of the token
};

}  // namespace fechatter::auth
