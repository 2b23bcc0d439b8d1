#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// How the end of a response's body is marked (RFC 9112 §6.3).
enum class BodyFraming {
  sized,        // Content-Length
  chunked,      // Transfer-Encoding: chunked
  until_close,  // the body ends with the connection
};

// Sized, unless the body is a source of unknown size.
BodyFraming framing_of(const Response& response, bool is_http_10);

// The bytes of a response up to its blank line: the headers of the handler and those of every
// response. Headers of the handler that belong to the session (Content-Length, Connection, Date …),
// or hold a line break, are left out; its Cache-Control and security headers replace the defaults.
// Any thread.
std::string response_head(const Response& response, std::string_view request_id, bool keep_alive,
                          BodyFraming framing = BodyFraming::sized);

// Whether a response of this status has a body, be it an empty one (RFC 9110 §6.4.1).
bool may_have_body(int status);

// An IMF-fixdate (RFC 9110 §5.6.7). Any thread.
std::string http_date(std::time_t second);

// 16 hexadecimal characters, unlike any other request's. Not a secret. Any thread.
std::string make_request_id();

}  // namespace fechatter::http
