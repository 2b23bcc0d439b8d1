#pragma once

#include <memory>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/request_head.hpp"
#include "fechatter_core/http/session_registry.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::http {

// One connection: reads requests within the limits, has the router answer them one after the other,
// and writes the answers. A coroutine on the socket's strand; everything but the constructor,
// close_if_idle and cut runs there. A peer that goes away is no exception: reads and writes say so
// by a value.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, std::shared_ptr<SessionRegistry> registry);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves until the connection ends. REQUIRES: the registry was entered.
  void start();
  // Tells the client why it is not served, and closes. REQUIRES: begin_refusal.
  void start_refusal(const Error& refusal);

  const std::string& peer_address() const { return socket_->peer_address(); }

  // For a draining listener; any thread. What waits for a request is closed; cut closes all.
  void close_if_idle() { socket_->end_wait_if_idle(); }
  void cut() { socket_->cut(); }

 private:
  enum class Input { more, closed, expired };

  // These two keep the session alive: a coroutine that has not begun yet holds only its arguments.
  static awaitable<void> serve(std::shared_ptr<Session> self);
  static awaitable<void> refuse(std::shared_ptr<Session> self, Error refusal);
  awaitable<void> serve_while_open();
  awaitable<bool> serve_next();
  awaitable<bool> wait_for_request();
  awaitable<bool> read_head(RequestHead& head);
  awaitable<bool> read_body(RequestHead& head);
  awaitable<bool> read_sized_body(RequestHead& head);
  awaitable<bool> read_chunked_body(RequestHead& head);
  awaitable<bool> continue_if_asked(const RequestHead& head);
  awaitable<void> answer_and_close(const Error& refusal);
  awaitable<bool> answer(Response& response, bool keep_alive);
  awaitable<void> linger();

  awaitable<Input> fill();

  RequestHead take_head(std::size_t size);
  Input outcome_of(std::size_t count) const;
  bool require_more(Input input) const;
  void give_away(Response& response);
  void finish();

  const std::shared_ptr<SessionRegistry> registry_;
  const std::shared_ptr<TimedSocket> socket_;
  std::string input_;  // read and not yet understood; bounded by header_bytes_max and one read
  std::string request_id_;
  std::string origin_;  // of the page that sent the request; empty when it named none
  bool is_head_request_ = false;
  bool served_any_ = false;
};

}  // namespace fechatter::http
