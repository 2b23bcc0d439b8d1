#pragma once

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "fechatter_core/model/ids.hpp"
#include "notify_server/log/cursor.hpp"

namespace fechatter::notify {

// Who asked for a stream, checked by the front; on its way to the shard of that user.
struct StreamRequest {
  UserId user_id;
  WorkspaceId workspace_id;
  SessionId session_id;
  std::chrono::sys_seconds expires_at;  // of the token; the stream ends with it
  Cursor cursor;
  std::string head;  // of the HTTP answer
};

// A TCP socket between two event loops, which belongs to neither. Closes it unless it is released.
class SocketHandle {
 public:
  SocketHandle(int descriptor, bool is_v6) : descriptor_{descriptor}, is_v6_{is_v6} {}
  SocketHandle(SocketHandle&& other) noexcept
      : descriptor_{std::exchange(other.descriptor_, -1)}, is_v6_{other.is_v6_} {}
  SocketHandle& operator=(SocketHandle&&) = delete;
  ~SocketHandle() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }
  bool is_v6() const { return is_v6_; }

 private:
  int descriptor_;
  bool is_v6_;
};

}  // namespace fechatter::notify
