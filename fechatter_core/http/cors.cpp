#include "fechatter_core/http/cors.hpp"

#include <algorithm>
#include <stdexcept>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// Chromium stores the response to a preflight for no longer.
constexpr const char* preflight_seconds = "7200";
constexpr const char* request_headers =
    "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, If-Range, "
    "Last-Event-ID, Range, Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, "
    "Upload-Offset, X-HTTP-Method-Override, X-Request-Id";
constexpr const char* answer_headers =
    "Accept-Encoding, Accept-Ranges, Allow, Content-Range, Deprecation, ETag, "
    "Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, "
    "Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, X-Event-Position, "
    "X-Ignored-Parameters, X-Limit-Applied, X-Next-Cursor, X-Request-Id";

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (is_letter(c) && c == lower(c)) || is_digit(c) || c == '+' || c == '-' ||
                  c == '.';
         });
}

bool is_host_and_port(std::string_view text) {
  const auto fits = [](char c) {
    return (is_letter(c) && c == lower(c)) || is_digit(c) || c == '.' || c == '-' || c == '_' ||
           c == ':' || c == '[' || c == ']';
  };
  return !text.empty() && text.back() != ':' && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

void Cors::check_origin(const std::string& origin) {
  constexpr std::string_view mark = "://";
  const auto end = origin.find(mark);
  const auto scheme = std::string_view{origin}.substr(0, std::min(end, origin.size()));
  const auto host = end == std::string::npos ? std::string_view{}
                                             : std::string_view{origin}.substr(end + mark.size());
  const bool own_port =
      (scheme == "https" && host.ends_with(":443")) || (scheme == "http" && host.ends_with(":80"));
  if (is_scheme(scheme) && is_host_and_port(host) && !own_port) return;
  throw std::invalid_argument{
      origin +
      " is no origin as browsers send it: scheme://host[:port], in lower case, without "
      "the scheme's own port and without a path"};
}

bool Cors::allows(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool Cors::is_preflight(const Request& request) const {
  const auto* origin = request.find_header("origin");
  return origin && allows(*origin) && request.find_header("access-control-request-method");
}

void Cors::add_preflight_headers(std::string_view methods, Response& response) {
  response.with_header("Access-Control-Allow-Methods", std::string{methods})
      .with_header("Access-Control-Allow-Headers", request_headers)
      .with_header("Access-Control-Max-Age", preflight_seconds);
}

void Cors::add_headers(std::string_view origin, Response& response) const {
  if (origins_.empty()) return;
  // For every origin: a cache must not serve one origin the response to another.
  response.with_header("Vary", "Origin");
  if (!allows(origin)) return;
  constexpr const char* policy = "Cross-Origin-Resource-Policy";
  std::erase_if(response.headers, [](const auto& header) { return header.first == policy; });
  response.with_header("Access-Control-Allow-Origin", std::string{origin})
      .with_header("Access-Control-Allow-Credentials", "true")
      .with_header("Access-Control-Expose-Headers", answer_headers)
      .with_header(policy, "cross-origin");
}

}  // namespace fechatter::http
