#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter::http {

// What a handler answers. Session adds what every answer carries: Content-Length, X-Request-Id, the
// security headers, Connection.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  // Sent instead of `body` unless empty, and never copied: it must live as long as the process.
  std::string_view fixed_body;
  std::vector<std::pair<std::string, std::string>> headers;

  // When set, nothing is written: the session gives its socket away (nothing of the answer has been
  // sent) and ends; the connection no longer counts. The callee owns the socket from then on; it is
  // non-blocking and without Nagle's delay. `head` is what an answer of this status and these
  // headers begins with when its body ends with the connection. Called on the session's strand.
  std::function<void(Socket, std::string head)> take_over;

  std::string_view bytes() const { return fixed_body.empty() ? body : fixed_body; }
  Response& with_header(std::string name, std::string value);
};

Response json_response(int status, const nlohmann::json& body);
Response text_response(int status, std::string_view body);
Response no_content();

// RFC 9457, with `code`, `request_id`, `errors` for 422, and `message` and `error` for older
// clients. Adds WWW-Authenticate to a 401 and Retry-After to a 429 and a 503.
Response problem_response(const Error& error, std::string_view request_id);

}  // namespace fechatter::http
