#include "fechatter_core/http/response_head.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <random>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

struct DefaultHeader {
  std::string_view name;
  std::string_view value;
};

constexpr DefaultHeader default_headers[] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"},
};

constexpr std::string_view session_headers[] = {
    "Connection", "Content-Length",    "Content-Type", "Date",
    "Keep-Alive", "Transfer-Encoding", "X-Request-Id",
};

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 460: return "Checksum Mismatch";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Unknown";  // RFC 9112 §4: clients ignore the phrase
  }
}

// Formatted once a second in each thread.
std::string_view date_now() {
  thread_local std::time_t second = -1;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now == second) return text;
  text = http_date(now);
  second = now;
  return text;
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

bool is_writable_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return is_control(c) && c != '\t'; });
}

bool belongs_to_session(std::string_view name) {
  return std::any_of(std::begin(session_headers), std::end(session_headers),
                     [&](std::string_view ours) { return equals_ignoring_case(ours, name); });
}

bool is_set(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return equals_ignoring_case(header.first, name); });
}

void append_handler_headers(std::string& head, const Response& response) {
  for (const auto& [name, value] : response.headers) {
    const bool writable = is_token(name) && is_writable_value(value) && !belongs_to_session(name);
    if (writable) append_header(head, name, value);
  }
}

std::string begin_head(const Response& response) {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason(response.status)).append("\r\n");
  append_header(head, "Date", date_now());
  const bool typed = !response.content_type.empty() && is_writable_value(response.content_type);
  if (typed && may_have_body(response.status)) {
    append_header(head, "Content-Type", response.content_type);
  }
  return head;
}

void end_head(std::string& head, const Response& response, std::string_view request_id,
              bool keep_alive) {
  append_header(head, "X-Request-Id", request_id);
  for (const auto& [name, value] : default_headers) {
    if (!is_set(response, name)) append_header(head, name, value);
  }
  append_handler_headers(head, response);
  if (!keep_alive) append_header(head, "Connection", "close");
  head.append("\r\n");
}

}  // namespace

std::string http_date(std::time_t second) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&second, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days.at(utc.tm_wday), utc.tm_mday,
                     months.at(utc.tm_mon), utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                     utc.tm_sec);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

BodyFraming framing_of(const Response& response, bool is_http_10) {
  if (!response.source || response.source->size()) return BodyFraming::sized;
  return is_http_10 ? BodyFraming::until_close : BodyFraming::chunked;
}

std::string response_head(const Response& response, std::string_view request_id, bool keep_alive,
                          BodyFraming framing) {
  auto head = begin_head(response);
  if (framing == BodyFraming::chunked) append_header(head, "Transfer-Encoding", "chunked");
  if (framing == BodyFraming::sized && may_have_body(response.status)) {
    append_header(head, "Content-Length", std::to_string(response.body_size()));
  }
  end_head(head, response, request_id, keep_alive && framing != BodyFraming::until_close);
  return head;
}

std::string make_request_id() {
  thread_local std::mt19937_64 generator{(std::uint64_t{std::random_device{}()} << 32) ^
                                         std::random_device{}()};
  return fmt::format("{:016x}", generator());
}

}  // namespace fechatter::http
