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
  std::chrono::sys_seconds expires_at;  // of the token; the stream ends with it
  Cursor cursor;
  std::string head;  // of the HTTP answer
};

}  // namespace fechatter::notify
