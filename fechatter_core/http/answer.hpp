#pragma once

#include <string>
#include <string_view>

#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// The bytes of an answer up to its blank line: the handler's headers, and what every answer
// carries. Headers of the handler that belong to the session (Content-Length, Connection, Date …),
// or hold a line break, are left out; its Cache-Control and security headers stand in place of
// ours. Any thread.
std::string answer_head(const Response& response, std::string_view request_id, bool keep_alive);

// The same for an answer whose body has no length and ends with the connection.
std::string stream_head(const Response& response, std::string_view request_id);

// Whether an answer of this status has a body, be it an empty one (RFC 9110 §6.4.1).
bool may_have_body(int status);

// 16 hexadecimal characters, unlike any other request's. Not a secret. Any thread.
std::string make_request_id();

}  // namespace fechatter::http
