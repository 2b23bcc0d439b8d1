#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/http/response_head.hpp"
#include "fechatter_core/http/timed_socket.hpp"

namespace fechatter::http {

// Writes a response whose body is a source. One piece of the body is in memory; the next one is
// read when the socket has accepted it, so a slow client slows the source down. What follows the
// first piece of a file goes to the socket by sendfile. Belongs to one response, which outlives it
// with its source; runs on the socket's strand.
class SourceWriter {
 public:
  static constexpr std::size_t piece_bytes_max = 64 * 1024;

  // `timeout`: for the client to accept one piece.
  SourceWriter(TimedSocket& socket, const Response& response, std::chrono::milliseconds timeout);

  // Reads the first piece, so that a source that fails at once fails before the head is sent.
  // Throws what the source throws.
  awaitable<void> read_first();

  // Sends `head` and the body. False when the client has closed the connection, or did not accept a
  // piece in time. Throws what the source throws, and std::runtime_error when it ends before its
  // size. REQUIRES: read_first.
  awaitable<bool> write(std::string head, BodyFraming framing);

 private:
  awaitable<bool> send_file();
  awaitable<void> read_piece();
  bool is_last(BodyFraming framing) const;

  TimedSocket& socket_;
  BodySource& source_;
  const std::chrono::milliseconds timeout_;
  const bool sized_;
  std::uint64_t offset_;           // of the next piece
  std::uint64_t remaining_;        // bytes behind `offset_`; not used unless `sized_`
  std::size_t capacity_;           // bytes that a piece may have
  std::unique_ptr<char[]> piece_;  // two bytes longer: a chunk ends in CRLF
  std::size_t piece_size_ = 0;
};

}  // namespace fechatter::http
