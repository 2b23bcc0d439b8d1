#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/http/router.hpp"

namespace fechatter::http {

class Session;

// What the sessions of one listener share: its limits, its router, and the list of those that are
// open. Sessions hold it, it holds them weakly; any thread may call it. At most `connections_max`
// sessions, and `connections_per_address_max` of one client's address unless it is a trusted proxy.
class SessionRegistry {
 public:
  SessionRegistry(const Limits& limits, const Router& router) : limits_{limits}, router_{router} {}

  const Limits& limits() const { return limits_; }
  const Router& router() const { return router_; }
  bool draining() const { return draining_; }

  // Why the session may not enter: there are enough, or the listener is draining. Nullopt: it has.
  std::optional<Error> enter(const std::shared_ptr<Session>& session);
  // A session that is not in the list is ignored.
  void leave(const Session* session);

  std::size_t count() const;
  std::vector<std::shared_ptr<Session>> open_sessions() const;

  // From here on nobody enters.
  void begin_draining();
  // Blocks until no session is left, or until `deadline`.
  void wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

  // Connections that are being told that they may not enter; a bounded number at a time.
  bool begin_refusal();
  void end_refusal() { --refusals_; }

 private:
  const Limits limits_;
  const Router router_;
  std::atomic<bool> draining_ = false;
  std::atomic<int> refusals_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable left_;
  struct Entry {
    std::weak_ptr<Session> session;
    std::string address;  // of the client; empty when it is not counted
  };
  std::unordered_map<const Session*, Entry> sessions_;
  std::map<std::string, std::size_t> per_address_;
};

}  // namespace fechatter::http
