#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::chaos {

struct Answer {
  int status = 0;  // 0: none came; whether the request took effect is unknown
  std::string body;
};

// A request as text. `body` is JSON, or empty.
std::string request_text(const std::string& method, const std::string& target,
                         const std::string& token, const std::string& body = {},
                         const std::string& more_headers = {});

// A connection to a port of 127.0.0.1; null when nobody listens. With a receive buffer, the kernel
// holds about that much for a reader that does not read.
awaitable<std::shared_ptr<http::TimedSocket>> connect(Executor executor, std::uint16_t port,
                                                      int receive_buffer = 0);

// One request on a connection of its own.
awaitable<Answer> exchange(Executor executor, std::uint16_t port, std::string request,
                           std::chrono::milliseconds timeout);

awaitable<> sleep(Executor executor, std::chrono::milliseconds time);

}  // namespace fechatter::chaos
