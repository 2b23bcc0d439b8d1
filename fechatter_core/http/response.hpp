#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/http/body_source.hpp"
#include "fechatter_core/http/byte_range.hpp"

namespace fechatter::http {

// The response of a handler. Its body is bytes, a fixed view, or a source. Session adds the headers
// of every response: Content-Length or Transfer-Encoding, X-Request-Id, the security headers,
// Connection.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  // Sent instead of `body` unless empty, and never copied: it must live as long as the process.
  std::string_view fixed_body;
  // Sent instead of both, in pieces, when it is set.
  std::unique_ptr<BodySource> source;
  std::optional<ByteRange> range;  // the part of the source that is sent; set by apply_range
  std::vector<std::pair<std::string, std::string>> headers;

  // When set, the session writes nothing and ends: the callee owns the socket from then on, which
  // is non-blocking and without Nagle's delay, and the connection no longer counts. `head` is the
  // head of a response of this status and these headers whose body ends with the connection. Called
  // on the session's strand.
  std::function<void(Socket, std::string head)> take_over;

  // REQUIRES: not a source of unknown size.
  std::uint64_t body_size() const;
  std::string_view bytes() const { return fixed_body.empty() ? body : fixed_body; }
  Response& with_header(std::string name, std::string value);
};

Response json_response(int status, const nlohmann::json& body);
// REQUIRES: `json` is JSON.
Response json_text_response(int status, std::string json);
Response text_response(int status, std::string_view body);
Response no_content();

// RFC 9457, with `code`, `request_id`, `errors` for 422, and `message` and `error` for older
// clients. Adds WWW-Authenticate to a 401, Retry-After to a 429 and a 503, and Accept-Encoding to
// the refusal of a content coding (RFC 9110 §12.5.3).
Response problem_response(const Error& error, std::string_view request_id);

}  // namespace fechatter::http
