#include "fechatter_core/http/framing_guard.hpp"

#include <algorithm>

#include "fechatter_core/http/request_target.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

using Defect = std::optional<FramingDefect>;

Defect malformed(std::string_view detail) {
  return FramingDefect{detail};
}

struct Head {
  std::string_view method;
  std::string_view version;
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool announces_body = false;
  bool has_unknown_coding = false;
};

// Nullopt when the next line does not end in CRLF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const auto line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; });
}

Defect find_request_line_defect(std::string_view line, Head& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("the request line has not three parts");
  head.method = line.substr(0, first);
  head.version = line.substr(last + 1);
  if (!is_token(head.method)) return malformed("the method is no token");
  if (!parse_target(line.substr(first + 1, last - first - 1)))
    return malformed("the target is in neither origin nor absolute form");
  if (head.version != "HTTP/1.1" && head.version != "HTTP/1.0")
    return malformed("the version is not supported");
  return std::nullopt;
}

Defect find_length_defect(std::string_view value, Head& head) {
  // 18 digits always fit into 64 bits.
  const bool plain =
      !value.empty() && value.size() <= 18 && std::all_of(value.begin(), value.end(), is_digit);
  if (!plain) return malformed("Content-Length is not a plain number");
  if (++head.lengths > 1) return malformed("Content-Length is repeated");
  if (value.find_first_not_of('0') != std::string_view::npos) head.announces_body = true;
  return std::nullopt;
}

// RFC 9112 §6.3: where `chunked` is not the last coding, the end of the body is unknown.
Defect find_encoding_defect(std::string_view value, Head& head) {
  const auto comma = value.rfind(',');
  const bool is_alone = comma == std::string_view::npos;
  const auto last = is_alone ? value : trimmed(value.substr(comma + 1));
  if (!equals_ignoring_case(last, "chunked"))
    return malformed("Transfer-Encoding does not end in 'chunked'");
  if (++head.encodings > 1) return malformed("Transfer-Encoding is repeated");
  head.announces_body = true;
  if (is_alone) return std::nullopt;
  head.has_unknown_coding = true;
  auto others = value.substr(0, comma);
  do {
    const auto other = trimmed(take_until(others, ','));
    const bool is_other = is_token(other) && !equals_ignoring_case(other, "chunked");
    if (!is_other) return malformed("Transfer-Encoding is malformed");
  } while (!others.empty());
  return std::nullopt;
}

Defect find_host_defect(std::string_view value, Head& head) {
  if (!may_be_authority(value)) return malformed("Host is malformed");
  if (++head.hosts > 1) return malformed("Host is repeated");
  return std::nullopt;
}

Defect find_field_defect(std::string_view line, Head& head) {
  if (line.starts_with(' ') || line.starts_with('\t')) return malformed("a header line is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a header line has no colon");
  const auto name = line.substr(0, colon);
  if (name.ends_with(' ') || name.ends_with('\t'))
    return malformed("white space before a header's colon");
  if (!is_token(name)) return malformed("a header's name is no token");
  const auto value = trimmed(line.substr(colon + 1));
  if (equals_ignoring_case(name, "content-length")) return find_length_defect(value, head);
  if (equals_ignoring_case(name, "transfer-encoding")) return find_encoding_defect(value, head);
  if (equals_ignoring_case(name, "host")) return find_host_defect(value, head);
  return std::nullopt;
}

Defect find_contradiction(const Head& head) {
  if (head.encodings > 0 && head.lengths > 0)
    return malformed("Transfer-Encoding and Content-Length together");
  if (head.encodings > 0 && head.version == "HTTP/1.0")
    return malformed("Transfer-Encoding in HTTP/1.0");
  if (head.hosts == 0 && head.version == "HTTP/1.1") return malformed("Host is missing");
  if (head.has_unknown_coding) {
    return FramingDefect{"the only transfer coding is 'chunked'", ErrorCode::not_implemented};
  }
  if (head.announces_body && (head.method == "GET" || head.method == "HEAD")) {
    return FramingDefect{"a body on GET or HEAD", ErrorCode::malformed_request, true};
  }
  return std::nullopt;
}

}  // namespace

std::optional<FramingDefect> find_framing_defect(std::string_view head) {
  Head seen;
  auto line = take_line(head);
  if (!line) return malformed("a line does not end in CRLF");
  if (has_control(*line)) return malformed("a control character");
  if (const auto defect = find_request_line_defect(*line, seen)) return defect;
  for (;;) {
    line = take_line(head);
    if (!line) return malformed("a line does not end in CRLF");
    if (has_control(*line)) return malformed("a control character");
    if (line->empty()) break;
    if (const auto defect = find_field_defect(*line, seen)) return defect;
  }
  if (!head.empty()) return malformed("something behind the blank line");
  return find_contradiction(seen);
}

}  // namespace fechatter::http
