#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fechatter_core/http/limits.hpp"
#include "fechatter_core/http/router.hpp"

namespace fechatter::http {

// Accepts connections and serves each in a coroutine on a strand of its own. Runs on the given
// io_context, which any number of threads can run; start, drain and the destructor are called by
// threads that do not.
class Listener {
 public:
  // Binds at once; throws std::system_error when that fails. Port 0: a free port. Copies the
  // router, since a handler that waits can outlive the listener.
  Listener(asio::io_context& io, const std::string& address, std::uint16_t port,
           const Limits& limits, const Router& router);
  ~Listener();  // cuts the open connections: drain(0)
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();  // once
  std::uint16_t port() const;

  // Stops accepting for good, closes idle connections, lets requests in flight finish (their
  // responses have `Connection: close`), and blocks until no connection is open or `grace` is over.
  // Returns the number of connections that were cut.
  std::size_t drain(std::chrono::milliseconds grace);

  bool draining() const;
  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fechatter::http
