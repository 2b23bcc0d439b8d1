#pragma once

#include <cstddef>
#include <string_view>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

// A request up to its blank line, and what the head says of the rest.
struct RequestHead {
  Request request;  // without body, peer address and, when the caller's is not sane, without id
  std::size_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Where the head at the front of `input` ends: behind its blank line, or behind the first line that
// does not end in CRLF (the framing guard will refuse it), or npos. `scanned` is how much of the
// input was looked at before. Pure.
std::size_t find_head_end(std::string_view input, std::size_t scanned);

// The number of header lines. REQUIRES: the framing guard found no defect.
std::size_t count_fields(std::string_view head);

// REQUIRES: the framing guard found no defect.
RequestHead parse_head(std::string_view head);

}  // namespace fechatter::http
