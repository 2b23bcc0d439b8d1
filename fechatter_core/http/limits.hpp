#pragma once

#include <chrono>
#include <cstddef>

namespace fechatter::http {

// The limits of one listener. All of them are settings (config/*.yml, section `http`).
struct Limits {
  std::size_t header_bytes_max = 16 * 1024;  // beyond: 431
  std::size_t header_count_max = 100;        // beyond: 431
  std::size_t body_bytes_max = 1024 * 1024;  // of a route without a limit of its own; beyond: 413
  // Beyond, the connections make room that wait longest for their clients; when none can: closed at
  // once, with a bare 503 …
  std::size_t connections_max = 10'000;
  // … or with a bare 429 if it is the limit of one IPv4 address or one IPv6 /64.
  std::size_t connections_per_address_max = 200;
  // From a request's first byte to its blank line: 408. A fresh connection has as long to begin.
  std::chrono::milliseconds header_timeout{10'000};
  // From there to the body's last byte: 408. Of a streamed body: for each piece.
  std::chrono::milliseconds body_timeout{30'000};
  std::size_t body_rate_min = 1024;  // bytes a second, of a streamed body beyond body_timeout
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed without a response
  std::chrono::milliseconds write_timeout{30'000};  // for a response or a piece of it: closed
  // What a client still sends behind a response that closes the connection is discarded for so long
  // (3 s at most without an identity) and up to so many bytes: until then the client can read the
  // response.
  std::chrono::milliseconds linger_timeout{10'000};
  std::size_t linger_bytes_max = 64 * 1024 * 1024;
};

}  // namespace fechatter::http
