#pragma once

#include <cstddef>
#include <string_view>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// A request up to its blank line, and the framing of its body.
struct RequestHead {
  Request request;  // without body, peer address and, when the caller's is not sane, without id
  std::size_t content_length = 0;
  bool chunked = false;
  bool is_http_10 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool has_unexpected_body = false;  // a body on GET or HEAD, which is refused; set by RequestInput
};

// The end of the head at the front of `input`: behind its blank line, or behind the first line that
// does not end in CRLF (the framing guard refuses it), or npos. The first `scanned` bytes of the
// input were searched before. Pure.
std::size_t find_head_end(std::string_view input, std::size_t scanned);

// The number of header lines. REQUIRES: the framing guard found no defect.
std::size_t count_fields(std::string_view head);

// The authority of a target in absolute form takes the place of the Host header (RFC 9112 §3.2.2).
// REQUIRES: the framing guard found no defect, or one with a certain end of the body.
RequestHead parse_head(std::string_view head);

}  // namespace fechatter::http
