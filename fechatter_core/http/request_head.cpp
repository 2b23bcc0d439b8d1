#include "fechatter_core/http/request_head.hpp"

#include <algorithm>
#include <charconv>

#include "fechatter_core/http/request_target.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t request_id_length_max = 64;

bool is_sane_request_id(std::string_view id) {
  const auto sane = [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= request_id_length_max &&
         std::all_of(id.begin(), id.end(), sane);
}

Method method_of(std::string_view token) {
  constexpr Method all[] = {Method::get,   Method::head,    Method::post,   Method::put,
                            Method::patch, Method::delete_, Method::options};
  const auto found = std::find_if(std::begin(all), std::end(all),
                                  [&](Method method) { return to_string(method) == token; });
  return found == std::end(all) ? Method::other : *found;
}

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

// The authority of the target, which is empty in origin form.
std::string_view read_request_line(std::string_view line, RequestHead& head) {
  head.request.method = method_of(take_until(line, ' '));
  const auto target = parse_target(take_until(line, ' ')).value();
  head.request.path = target.path;
  head.request.query = target.query;
  head.is_http_10 = line == "HTTP/1.0";
  head.keep_alive = !head.is_http_10;
  return target.authority;
}

void read_field(std::string_view name, std::string_view value, RequestHead& head) {
  if (name == "content-length") {
    std::from_chars(value.data(), value.data() + value.size(), head.content_length);
  } else if (name == "transfer-encoding") {
    head.chunked = true;
  } else if (name == "connection") {
    if (lists_token(value, "close")) head.keep_alive = false;
  } else if (name == "expect") {
    head.expects_continue = equals_ignoring_case(value, "100-continue");
  } else if (name == "x-request-id") {
    if (head.request.id.empty() && is_sane_request_id(value)) head.request.id = value;
  }
}

}  // namespace

std::size_t find_head_end(std::string_view input, std::size_t scanned) {
  for (auto end = input.find('\n', scanned); end != std::string_view::npos;
       end = input.find('\n', end + 1)) {
    const bool crlf = end > 0 && input[end - 1] == '\r';
    const bool blank = end > 2 && input.substr(end - 3, 4) == "\r\n\r\n";
    if (!crlf || blank) return end + 1;
  }
  return std::string_view::npos;
}

std::size_t count_fields(std::string_view head) {
  return static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n')) - 2;
}

RequestHead parse_head(std::string_view text) {
  RequestHead head;
  const auto authority = read_request_line(take_line(text), head);
  head.request.headers.reserve(count_fields(text) + 1);
  for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
    auto name = to_lower(take_until(line, ':'));
    const bool is_replaced = !authority.empty() && name == "host";
    const auto value = is_replaced ? authority : trimmed(line);
    read_field(name, value, head);
    head.request.headers.emplace_back(std::move(name), value);
  }
  if (head.is_http_10) head.expects_continue = false;  // HTTP/1.0 knows no `100 Continue`
  return head;
}

}  // namespace fechatter::http
