#pragma once

#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/limits.hpp"
#include "fechatter_core/http/request_head.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::http {

// The bytes that one connection has received and that are not parsed yet, and the waits for more.
// At most http.header_bytes_max and one read while a head is read, one read otherwise. Runs on the
// socket's strand; socket and limits outlive it.
class RequestInput {
 public:
  enum class Outcome { more, closed, expired };

  RequestInput(TimedSocket& socket, const Limits& limits) : socket_{socket}, limits_{limits} {}

  std::string& bytes() { return bytes_; }
  TimedSocket& socket() { return socket_; }
  const Limits& limits() const { return limits_; }

  // Appends what one read brings: `count` bytes at most.
  awaitable<Outcome> fill(std::size_t count = read_size);

  // Reads one head and removes it from the input. False when the client has closed the connection.
  // Throws malformed_request (400), not_implemented (501), headers_too_large (431), request_timeout
  // (408).
  awaitable<bool> read_head(RequestHead& head);

  // What one read of `count` bytes means.
  Outcome outcome_of(std::size_t count) const;
  // False when the client has closed the connection. Throws request_timeout (408).
  static bool require_more(Outcome outcome);

  // Returns memory that a large body or head has needed. REQUIRES: the input is empty.
  void shrink();

 private:
  static constexpr std::size_t read_size = 4 * 1024;

  RequestHead extract_head(std::size_t size);

  TimedSocket& socket_;
  const Limits& limits_;
  std::string bytes_;
};

}  // namespace fechatter::http
