#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/observability/tracer.hpp"

namespace fechatter {

class Pace;

namespace http {

class BodyReader;
class RateReport;

enum class Method { get, head, post, put, patch, delete_, options, other };

std::string_view to_string(Method method);

// One request within its limits, behind the framing guard. Session fills it in, Router adds path
// parameters and caller, handlers read it. Belongs to the coroutine that serves it.
struct Request {
  Method method = Method::other;
  std::string path;   // begins with '/'; percent-encoded until Router has admitted it
  std::string query;  // raw, without '?'; can contain a token: never logged
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;              // whole on a route with a buffered body, empty on others
  BodyReader* reader = nullptr;  // set by Session, as the next one; both outlive the handler
  RateReport* rates = nullptr;   // of this request's response
  Pace* pace = nullptr;          // likewise
  std::string id;                // X-Request-Id if sane (1..64 of [A-Za-z0-9._-]), else generated
  observability::OpenSpan span;  // set by Router; its context is that of no trace without one
  std::string peer_address;      // textual IP address of the other end of the socket
  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::optional<auth::Identity> caller;  // set on every route for signed-in users

  // The first header of that name (lower case), or null.
  const std::string* find_header(std::string_view name) const;
  // The values of all cookies of that name, unquoted. A browser sends several when hosts above this
  // one, or other paths, have set one: which of them is the server's own is not to be seen.
  std::vector<std::string> cookies(std::string_view name) const;
  // A query parameter, percent-decoded ('+' is a space). Throws invalid_fields (422) when it is
  // there twice, and malformed_request (400) when it is malformed, or holds a NUL or anything but
  // UTF-8.
  std::optional<std::string> find_query(std::string_view name) const;
  // The names in the query that no call of find_query has asked for, as they were sent, separated
  // by
  // ", ": for X-Ignored-Parameters. Each once, without a value, at most 16 of at most 64 bytes.
  // Visible ASCII.
  std::string ignored_parameters() const;
  // The token of `Authorization: Bearer`, if there is one.
  std::optional<std::string_view> bearer_token() const;

  // REQUIRES: the route is one for signed-in users.
  const auth::Identity& user() const;
  // REQUIRES: the route's body is streamed.
  BodyReader& body_reader() const { return *reader; }
  // For a handler that charges a rate itself.
  RateReport& rate_report() const { return *rates; }
  // For a handler whose work can be done in parts.
  Pace& pace_of_work() const { return *pace; }

  // The path parameter as a positive int64. Throws malformed_id (400).
  template <class IdType>
  IdType id_of(std::string_view name) const {
    return IdType{path_id(name)};
  }

  // A query parameter as an integer in min..max, or `fallback` when absent. Throws invalid_fields.
  std::int64_t query_number(std::string_view name, std::int64_t fallback, std::int64_t min,
                            std::int64_t max) const;
  // The query parameter `limit` of a list, cut to `max`; `fallback` when absent. Throws
  // invalid_fields when it is below 1 or no whole number.
  std::int64_t page_limit(std::int64_t fallback, std::int64_t max) const;
  // The smaller of both. When that is `max`, because more was wanted, it is the applied_limit().
  std::int64_t cut_limit(std::int64_t wanted, std::int64_t max) const;
  // For X-Limit-Applied: what a limit was cut to; nullopt when none was.
  std::optional<std::int64_t> applied_limit() const { return applied_limit_; }

  // The body as a JSON object. Throws unsupported_media_type (415) when it is not sent as
  // application/json, malformed_json (400) when it is no JSON, is nested deeper than 32 levels,
  // repeats a key, or is not UTF-8, and invalid_fields (422) when it is no object (and no array
  // where that is allowed).
  nlohmann::json json_body(bool array_allowed = false) const;

  // Throws unsupported_content_coding (415) when the body is sent in a coding: none is decoded.
  void require_plain_body() const;

 private:
  std::int64_t path_id(std::string_view name) const;

  mutable std::vector<std::string> asked_;  // the names that find_query was asked for
  mutable std::optional<std::int64_t> applied_limit_;
};

}  // namespace http
}  // namespace fechatter
