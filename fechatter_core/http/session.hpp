#pragma once

#include <memory>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/body_reader.hpp"
#include "fechatter_core/http/request_input.hpp"
#include "fechatter_core/http/session_registry.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::http {

// One connection: reads one request after the other within the limits and writes the responses. The
// router decides on the head of a request before its body is read. A coroutine on the socket's
// strand; everything but the constructor and the functions for any thread runs there. A client that
// closes the connection is no exception: reads and writes return it as a value.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, std::shared_ptr<SessionRegistry> registry);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves until the connection ends. REQUIRES: the registry has entered the session.
  void start();
  // Sends the reason for which the connection is not served, and closes. REQUIRES: begin_refusal.
  void start_refusal(const Error& refusal);

  const std::string& peer_address() const { return socket_->peer_address(); }

  // For a registry that is full; any thread. The time since when the server waits for a client
  // without an identity: for a request, for the body of an anonymous one, or until the client reads
  // the response to one. nullopt: the connection is not evictable now.
  std::optional<std::chrono::steady_clock::time_point> waiting_since() const {
    return socket_->waiting_since();
  }
  // Closes an evictable connection at once, another one behind its next response.
  void evict();

  // For a draining listener; any thread. The first closes a connection that waits for a request or
  // discards input; `cut` closes every connection.
  void close_if_idle() { socket_->end_wait_if_idle(); }
  void cut() { socket_->cut(); }

 private:
  struct LingerLimits;

  // These two keep the session alive: a coroutine that has not begun yet holds only its arguments.
  static awaitable<void> serve(std::shared_ptr<Session> self);
  static awaitable<void> refuse(std::shared_ptr<Session> self, Error refusal);
  awaitable<void> serve_while_open();
  awaitable<bool> serve_next();
  awaitable<bool> wait_for_request();
  awaitable<bool> respond(Response& response, bool keep_alive);
  awaitable<bool> respond_from_source(const Request& request, Response& response, bool keep_alive);
  awaitable<bool> end_exchange(BodyReader& body, bool keep_alive);
  awaitable<void> respond_and_close(const Error& refusal, const LingerLimits& limits);
  awaitable<void> linger(const LingerLimits& limits);

  const Router& router() const { return registry_->router(); }
  void identify(RequestHead& head);
  void refuse_body(RequestHead& head, Admission& admission) const;
  std::size_t body_bytes_max(const Admission& admission) const;
  LingerLimits linger_limits() const;
  std::string head_of(Response& response, bool keep_alive) const;
  void add_edge_headers(Response& response) const;
  void hand_over_socket(Response& response);
  void finish();

  const std::shared_ptr<SessionRegistry> registry_;
  const std::shared_ptr<TimedSocket> socket_;
  RequestInput input_;
  std::string request_id_;
  std::string origin_;  // of the page that sent the request; empty when it has none
  bool is_by_https_ = false;
  bool is_head_request_ = false;
  bool is_http_10_ = false;
  bool served_any_ = false;
  bool is_anonymous_ = true;  // the last request had no caller
  bool evicted_ = false;
};

}  // namespace fechatter::http
