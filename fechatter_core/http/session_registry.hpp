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

// The shared state of the sessions of one listener: its limits, its router, and the list of open
// sessions. Sessions own the registry, which refers to them weakly. At most `connections_max`
// sessions, and `connections_per_address_max` of one client's address unless that is a trusted
// proxy. Any thread.
class SessionRegistry {
 public:
  SessionRegistry(const Limits& limits, const Router& router) : limits_{limits}, router_{router} {}

  const Limits& limits() const { return limits_; }
  const Router& router() const { return router_; }
  bool draining() const { return draining_; }

  // Adds a session. The refusal when a limit is reached or the listener is draining; otherwise
  // nullopt.
  std::optional<Error> enter(const std::shared_ptr<Session>& session);
  // Removes a session; one that is not in the list is ignored.
  void leave(const Session* session);

  std::size_t count() const;
  std::vector<std::shared_ptr<Session>> open_sessions() const;

  // Later sessions are refused.
  void begin_draining();
  // Blocks until the list is empty, or until `deadline`.
  void wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

  // Begins the response to a connection that is refused. False when 64 of them are running.
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
