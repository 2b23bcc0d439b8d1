#pragma once

#include <functional>

#include "fechatter_core/async.hpp"
#include "fechatter_core/postgres/session_reads.hpp"
#include "notify_server/stream/connection_table.hpp"

namespace fechatter::notify {

// Those of the sessions that are open. Throws when the database cannot be read.
using SessionSource =
    std::function<awaitable<std::vector<postgres::OpenSession>>(std::vector<SessionId>)>;

// Keeps the connections that live as long as their session. A session that is revoked closes them
// at once, as any other; beside that each is looked up when its token has expired, and again each
// time that a token would have: the instance may have missed a revocation. One statement of at most
// 1,000 sessions at a time. Shard's thread.
class SessionChecks {
 public:
  // `life`: of a token.
  SessionChecks(ConnectionTable& connections, Executor executor, SessionSource source,
                std::chrono::seconds life);

  // Begins to look up what is due, unless that is under way, or has failed less than 5 s ago.
  void proceed(std::chrono::sys_seconds now);

 private:
  using Sessions = std::vector<SessionId>;

  awaitable<> look_up(Sessions due, std::chrono::sys_seconds now);
  void apply(const Sessions& due, const std::vector<postgres::OpenSession>& open,
             std::chrono::sys_seconds now);

  ConnectionTable& connections_;
  const Executor executor_;
  const SessionSource source_;
  const std::chrono::seconds life_;
  bool running_ = false;
  std::chrono::sys_seconds not_before_{};
};

}  // namespace fechatter::notify
