#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::chaos {

struct Answer {
  int status = 0;  // 0: no answer; the effect of the request is unknown
  std::string body;
};

// The text of a request. `body` is JSON or empty.
std::string request_text(const std::string& method, const std::string& target,
                         const std::string& token, const std::string& body = {},
                         const std::string& more_headers = {});

// Of a form that `boundary` divides.
std::string upload_text(const std::string& target, const std::string& token,
                        const std::string& form, const std::string& boundary);

// Connects to a port of 127.0.0.1; null when the connection is refused. `receive_buffer` limits the
// bytes that the kernel buffers for a slow reader.
awaitable<std::shared_ptr<http::TimedSocket>> connect(Executor executor, std::uint16_t port,
                                                      int receive_buffer = 0);

// Sends one request on its own connection, with a pause in its middle.
awaitable<Answer> exchange(Executor executor, std::uint16_t port, std::string request,
                           std::chrono::milliseconds timeout,
                           std::chrono::milliseconds pause = std::chrono::milliseconds{0});

awaitable<> sleep(Executor executor, std::chrono::milliseconds time);

}  // namespace fechatter::chaos
