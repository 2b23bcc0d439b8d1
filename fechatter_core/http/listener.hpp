#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fechatter_core/http/router.hpp"

namespace fechatter::http {

// The limits of one listener. All of them are settings (config/*.yml, section `http`).
struct Limits {
  std::size_t header_bytes_max = 16 * 1024;  // beyond: 431
  std::size_t header_count_max = 100;        // beyond: 431
  std::size_t body_bytes_max = 1024 * 1024;  // beyond: 413
  std::size_t connections_max = 10'000;      // beyond: closed at once, with a bare 503
  // Of one IPv4 address or one IPv6 /64, beyond: closed at once, with a bare 429.
  std::size_t connections_per_address_max = 1000;
  // From a request's first byte to its blank line: 408. A fresh connection has as long to begin.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};   // from there to the body's last byte: 408
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed without a word
  std::chrono::milliseconds write_timeout{30'000};  // for one answer: closed
};

// Accepts connections and serves them, each in a coroutine on a strand of its own. Lives on the
// given io_context, which any number of threads may run; start, drain and the destructor are called
// from outside of it.
class Listener {
 public:
  // Binds at once; throws std::system_error when the address cannot be had. Port 0 takes a free
  // one. Keeps a copy of the router, since a handler that is still waiting may outlive the
  // listener.
  Listener(asio::io_context& io, const std::string& address, std::uint16_t port,
           const Limits& limits, const Router& router);
  ~Listener();  // cuts off what is left: drain(0)
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();  // once
  std::uint16_t port() const;

  // Stops accepting for good, closes idle connections, lets requests in flight finish (their
  // answers say `Connection: close`), and blocks until none is left or `grace` is over. Returns the
  // number of connections that had to be cut off.
  std::size_t drain(std::chrono::milliseconds grace);

  bool draining() const;
  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fechatter::http
