#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/http/router.hpp"

namespace fechatter::http {

class Session;

// What the sessions of one listener share: its limits, its router, and the list of those that are
// open. Sessions hold it, it holds them weakly; any thread may call it. At most `connections_max`
// sessions.
class SessionRegistry {
 public:
  SessionRegistry(const Limits& limits, const Router& router) : limits_{limits}, router_{router} {}

  const Limits& limits() const { return limits_; }
  const Router& router() const { return router_; }
  bool draining() const { return draining_; }

  // False when there are enough, or when the listener is draining.
  bool enter(const std::shared_ptr<Session>& session);
  // A session that is not in the list is ignored.
  void leave(const Session* session);

  std::size_t count() const;
  std::vector<std::shared_ptr<Session>> open_sessions() const;

  // From here on nobody enters.
  void begin_draining();
  // Blocks until no session is left, or until `deadline`.
  void wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

  // Connections beyond `connections_max` that are being told so; a bounded number at a time.
  bool begin_refusal();
  void end_refusal() { --refusals_; }

 private:
  const Limits limits_;
  const Router router_;
  std::atomic<bool> draining_ = false;
  std::atomic<int> refusals_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable left_;
  std::unordered_map<const Session*, std::weak_ptr<Session>> sessions_;
};

}  // namespace fechatter::http
