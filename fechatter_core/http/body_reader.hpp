#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/body_policy.hpp"
#include "fechatter_core/http/chunked_body.hpp"
#include "fechatter_core/http/request_input.hpp"

namespace fechatter::http {

// Reads the body of one request, sized or chunked, from the connection's input. Nothing is read
// from the socket before it is asked for, so a slow handler slows the client down. The first read
// answers `Expect: 100-continue`. Belongs to the session; a handler of a streamed route calls
// read() from its own coroutine, one call at a time.
class BodyReader {
 public:
  // Bytes in memory for a body that is streamed or discarded.
  static constexpr std::size_t piece_bytes_max = 64 * 1024;
  // An unread rest of this size is discarded after the response, and the connection stays open.
  static constexpr std::size_t skipped_bytes_max = 64 * 1024;

  // REQUIRES: the head has been removed from the input, which outlives the reader.
  BodyReader(RequestInput& input, const RequestHead& head, std::size_t bytes_max);

  // The next piece of the body, which is never empty but at its end, and valid until the next call.
  // A client has http.body_timeout for each piece, and must send http.body_rate_min bytes a second
  // on average; the time between two calls does not count. Throws request_timeout (408),
  // payload_too_large (413), and malformed_request (400) when the chunks are malformed or the
  // client closes the connection before the end of the body. After that every call throws.
  awaitable<std::string_view> read();

  bool at_end() const { return at_end_; }

  // For the session, before the handler runs: reads the body by the policy of the route, the whole
  // of it into `to` when it is buffered or fieldless, within http.body_timeout. False when the
  // client has closed the connection. Throws as read().
  awaitable<bool> receive(BodyPolicy::Kind policy, std::string& to);

  // For the session, after the handler has run. Whether the connection can stay open: the rest of
  // the body is known to be small, or it is chunked, and the client does not wait for a `100
  // Continue` that it will not receive.
  bool is_skippable() const;
  // Discards the rest, within http.linger_timeout. False when it is larger than skipped_bytes_max,
  // malformed, or does not come.
  awaitable<bool> skip();

 private:
  using Outcome = RequestInput::Outcome;

  awaitable<bool> send_continue();
  awaitable<Outcome> read_piece();
  awaitable<bool> receive_sized(std::string& to);
  awaitable<bool> receive_pieces(std::string* to);
  bool parse_piece();
  std::chrono::milliseconds time_left() const;

  RequestInput& input_;
  const bool chunked_;
  const std::size_t bytes_max_;
  std::size_t remaining_;  // bytes of a sized body that are still to come
  ChunkedBody chunks_;
  bool awaits_continue_;  // the client waits for a `100 Continue`
  bool at_end_;
  bool failed_ = false;
  std::string piece_;
  std::uint64_t received_ = 0;                    // bytes that read() has returned
  std::chrono::steady_clock::duration waited_{};  // by read() for the client
};

}  // namespace fechatter::http
