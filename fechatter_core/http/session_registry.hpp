#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
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
// proxy; beyond, the sessions make room that wait longest for their clients. Any thread.
class SessionRegistry {
 public:
  SessionRegistry(const Limits& limits, const Router& router) : limits_{limits}, router_{router} {}

  const Limits& limits() const { return limits_; }
  const Router& router() const { return router_; }
  bool draining() const { return draining_; }

  // Adds a session. When its address has no connection left, its longest waiting session is
  // evicted; when there is none left at all, those of the address that has most, unless these are
  // fewer than the new one's address has. An evicted session stays in the list, beyond the limits,
  // until it has closed. Returns the refusal when no session can make room or the listener is
  // draining; otherwise nullopt.
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
  struct Member {
    std::weak_ptr<Session> session;
    bool evicted = false;
  };
  // The sessions of one client's address.
  struct Group {
    std::unordered_map<const Session*, Member> members;
    std::size_t evicted = 0;

    std::size_t staying() const { return members.size() - evicted; }
  };
  using Sessions = std::vector<std::shared_ptr<Session>>;

  std::optional<Error> enter(const std::shared_ptr<Session>& session, std::string address,
                             Sessions& evicted);
  std::optional<Error> find_refusal(const std::string& address, Sessions& evicted);
  bool make_room(const std::string& newcomer, Sessions& evicted);
  std::size_t evict_from(Group& group, std::size_t count, Sessions& evicted);

  const Limits limits_;
  const Router router_;
  std::atomic<bool> draining_ = false;
  std::atomic<int> refusals_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable left_;
  std::unordered_map<const Session*, std::string> sessions_;  // with the key of its group
  std::unordered_map<std::string, Group> groups_;  // by address; "": those of trusted proxies
  std::size_t evicted_ = 0;                        // evicted sessions that are still open
};

}  // namespace fechatter::http
