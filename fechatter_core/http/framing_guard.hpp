#pragma once

#include <optional>
#include <string_view>

#include "fechatter_core/error.hpp"

namespace fechatter::http {

struct FramingDefect {
  std::string_view detail;
  ErrorCode code = ErrorCode::malformed_request;
  // The end of the body is certain all the same: GET or HEAD announces a body in a proper way.
  bool has_certain_end = false;
};

// Finds the first defect in a raw head, from the request line to the blank line, that could hide
// one request in another (request smuggling, RFC 9112 §11.2). The response is then 400, or 501
// for a transfer coding that is not implemented, and the connection is closed. Defects: a line that
// does not end in CRLF, a bare CR or a NUL, obs-fold, white space before the colon, a name that is
// no token, a Transfer-Encoding other than exactly `chunked` (in any case) or repeated,
// Transfer-Encoding together with Content-Length or in HTTP/1.0, a Content-Length that is repeated
// or no plain number, no Host or two in HTTP/1.1, a body on GET or HEAD, a target in neither origin
// nor absolute form, a version other than 1.0 and 1.1. Pure; any thread.
std::optional<FramingDefect> find_framing_defect(std::string_view head);

}  // namespace fechatter::http
