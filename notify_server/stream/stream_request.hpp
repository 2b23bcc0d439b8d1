#pragma once

#include <chrono>
#include <string>

#include "fechatter_core/model/ids.hpp"
#include "notify_server/log/cursor.hpp"

namespace fechatter::notify {

// A request for a stream that the front has authenticated, on its way to the user's shard.
struct StreamRequest {
  UserId user_id;
  WorkspaceId workspace_id;
  SessionId session_id;
  std::chrono::sys_seconds expires_at;  // of the token
  Cursor cursor;
  std::string head;  // of the HTTP answer
  // The stream ends with its session instead of with the token.
  bool lasts_as_session = false;
};

}  // namespace fechatter::notify
