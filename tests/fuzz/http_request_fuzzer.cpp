#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/chunked_body.hpp"
#include "fechatter_core/http/framing_guard.hpp"
#include "fechatter_core/http/request_head.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "tests/fuzz/fuzz.hpp"

// One request: the end of its head, the framing guard, the parsed head, and a body in chunks. The
// checks parse the head by themselves, in a plainer way.
namespace fechatter::fuzz {
namespace {

using http::ChunkedBody;
using http::RequestHead;

constexpr std::size_t body_bytes_max = 512;

std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  for (auto end = head.find("\r\n"); end != head.npos; end = head.find("\r\n")) {
    lines.push_back(head.substr(0, end));
    head.remove_prefix(end + 2);
  }
  require(head.empty(), "a head ends in CRLF");
  return lines;
}

std::vector<std::string> values_of(const std::vector<std::string_view>& lines,
                                   std::string_view name) {
  std::vector<std::string> values;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    auto value = lines[i];
    const auto known = http::take_until(value, ':');
    if (http::equals_ignoring_case(known, name)) values.emplace_back(http::trimmed(value));
  }
  return values;
}

void check_lines(const std::vector<std::string_view>& lines) {
  require(lines.size() >= 2 && lines.back().empty(), "a head ends in a blank line");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = lines[i];
    const auto controls = [](char c) { return http::is_control(c) && c != '\t'; };
    require(std::none_of(line.begin(), line.end(), controls), "no control character passes");
    if (i == 0) require(std::count(line.begin(), line.end(), ' ') == 2, "three parts, two spaces");
    if (i == 0 || i + 1 == lines.size()) continue;
    require(!line.empty() && line.front() != ' ' && line.front() != '\t', "no line is folded");
    const auto name = line.substr(0, line.find(':'));
    require(name.size() < line.size() && http::is_token(name), "every name is a token");
  }
}

void check_framing(const std::vector<std::string_view>& lines, const RequestHead& head) {
  const auto lengths = values_of(lines, "content-length");
  const auto encodings = values_of(lines, "transfer-encoding");
  const auto hosts = values_of(lines, "host");
  const bool old = lines.front().ends_with(" HTTP/1.0");
  require(old || lines.front().ends_with(" HTTP/1.1"), "the version is 1.0 or 1.1");
  require(hosts.size() == 1 || (old && hosts.empty()), "there is one host");
  require(lengths.size() + encodings.size() <= 1, "there is one framing");
  require(head.chunked == !encodings.empty(), "chunked is what says so");
  require(encodings.empty() || (!old && http::to_lower(encodings.front()) == "chunked"),
          "chunked and no other");
  const auto length = lengths.empty() ? "0" : lengths.front();
  const bool digits = std::all_of(length.begin(), length.end(), http::is_digit);
  require(digits && std::strtoull(length.c_str(), nullptr, 10) == head.content_length,
          "the length is what was written");
}

// A body on GET or HEAD is the one defect whose end is certain.
void check_body(const RequestHead& head, const std::optional<http::FramingDefect>& defect) {
  const auto method = head.request.method;
  const bool bodiless = method == http::Method::get || method == http::Method::head;
  const bool has_body = head.chunked || head.content_length > 0;
  require(defect.has_value() == (bodiless && has_body), "GET and HEAD have no body");
}

// The path and query as written; in absolute form, behind the authority.
std::string_view written_target(std::string_view written, const RequestHead& head) {
  if (written.starts_with('/')) return written;
  const auto host = written.find("://") + 3;
  require(http::to_lower(written.substr(0, host)) == "http://" ||
              http::to_lower(written.substr(0, host)) == "https://",
          "an absolute target has a scheme of HTTP");
  const auto authority = written.substr(host, written.substr(host).find_first_of("/?"));
  require(!authority.empty() && authority.find_first_of("@,") == authority.npos, "one plain host");
  const auto* header = head.request.find_header("host");
  require(!header || *header == authority, "the target's host takes the place of the header");
  return written.substr(host + authority.size());
}

void check_head(std::string_view text, const std::optional<http::FramingDefect>& defect) {
  const auto lines = lines_of(text);
  check_lines(lines);
  const auto head = http::parse_head(text);
  check_framing(lines, head);
  check_body(head, defect);
  const auto& request = head.request;
  auto line = lines.front();
  const auto method = http::take_until(line, ' ');
  require(request.method == http::Method::other || to_string(request.method) == method,
          "the method is what was written");
  const auto full = http::take_until(line, ' ');
  auto written = written_target(full, head);
  const auto path = http::take_until(written, '?');
  require(request.path == (path.empty() ? "/" : path) && request.query == written,
          "so is the target");
  const bool is_origin_form = full.starts_with('/');
  require(http::count_fields(text) == lines.size() - 2, "every field is counted");
  require(request.headers.size() == lines.size() - 2, "and read");
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto& [name, value] = request.headers[i];
    auto rest = lines[i + 1];
    require(http::to_lower(http::take_until(rest, ':')) == name, "by its name");
    const bool is_replaced = name == "host" && !is_origin_form;
    require(is_replaced || http::trimmed(rest) == value, "with its value");
  }
}

struct Outcome {
  std::optional<ErrorCode> refusal;
  bool whole = false;
  std::string body;
  std::string rest;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A refusal has neither body nor rest: how much was decoded before depends on the pieces.
Outcome decoded(std::string_view text, Choices* pieces, std::size_t max = body_bytes_max) {
  ChunkedBody chunks{max};
  Outcome outcome;
  try {
    do {
      outcome.rest += pieces ? pieces->cut(text) : std::exchange(text, {});
      outcome.whole = chunks.decode(outcome.rest, outcome.body);
    } while (!outcome.whole && !text.empty());
    outcome.rest += text;
  } catch (const Error& error) {
    return {.refusal = error.code(), .whole = false, .body = {}, .rest = {}};
  }
  require(outcome.body.size() <= max, "a body is within its limit");
  return outcome;
}

std::string_view take_clean_line(std::string_view& text) {
  const auto end = text.find("\r\n");
  require(end != text.npos, "every line of the chunks ends in CRLF");
  const auto line = text.substr(0, end);
  const auto controls = [](char c) { return http::is_control(c) && c != '\t'; };
  require(std::none_of(line.begin(), line.end(), controls), "no control character in the chunks");
  text.remove_prefix(end + 2);
  return line;
}

// The decoded bytes follow the grammar of RFC 9112 §7.1 strictly.
void check_grammar(std::string_view read, std::string_view body) {
  for (;;) {
    auto line = take_clean_line(read);
    const std::string digits{http::take_until(line, ';')};
    const bool plain = digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
    require(plain && !digits.empty() && digits.size() <= 8, "a size is plain digits");
    const auto size = std::strtoull(digits.c_str(), nullptr, 16);
    if (size == 0) break;
    require(size <= body.size() && read.substr(0, size) == body.substr(0, size),
            "a chunk is as long as its size");
    body.remove_prefix(size);
    read.remove_prefix(size);
    require(take_clean_line(read).empty(), "a chunk ends where its size says");
  }
  require(body.empty(), "nothing but the chunks is the body");
  for (auto line = take_clean_line(read); !line.empty(); line = take_clean_line(read)) {
    require(line.find(':') != line.npos, "a trailer has a colon");
    require(http::is_token(http::take_until(line, ':')), "a trailer's name is a token");
  }
  require(read.empty(), "the body ends at its blank line");
}

std::string encoded(std::string_view body, Choices& choices) {
  std::string text;
  constexpr std::string_view digits = "0123456789abcdef";
  while (!body.empty()) {
    const auto chunk = choices.cut(body);
    std::string size;
    for (auto left = chunk.size(); left > 0; left /= 16) size.insert(0, 1, digits[left % 16]);
    text.append(choices.up_to(1), '0').append(size).append(choices.up_to(7) == 0 ? ";a=b" : "");
    text.append("\r\n").append(chunk).append("\r\n");
  }
  return text + (choices.up_to(1) == 0 ? "0\r\n\r\n" : "000\r\nX-Trailer: 1\r\n\r\n");
}

void check_chunks(std::string_view text) {
  Choices pieces{text};
  const auto at_once = decoded(text, nullptr);
  require(decoded(text, &pieces) == at_once, "the pieces it comes in do not matter");
  require(text.ends_with(at_once.rest), "what follows is left alone");
  if (at_once.refusal) {
    require(*at_once.refusal == ErrorCode::malformed_request ||
                *at_once.refusal == ErrorCode::payload_too_large,
            "bad chunks are the client's fault");
  }
  if (at_once.whole) {
    check_grammar(text.substr(0, text.size() - at_once.rest.size()), at_once.body);
  }
  Choices choices{text};
  const auto again = decoded(encoded(text, choices) + "GET /", &pieces, text.size());
  require(again.whole && again.body == text && again.rest == "GET /", "a body comes back");
}

void check_request(std::string_view text) {
  const auto end = http::find_head_end(text, 0);
  Choices choices{text};
  const auto seen = choices.up_to(text.size());
  auto found = http::find_head_end(text.substr(0, seen), 0);
  if (found == text.npos) found = http::find_head_end(text, seen);
  require(found == end, "the end of a head does not depend on the pieces");
  check_chunks(text);
  if (end == text.npos) {
    require(http::find_framing_defect(text).has_value(), "an unfinished head is refused");
    return;
  }
  const auto head = text.substr(0, end);
  if (end < text.size()) {
    require(http::find_framing_defect(text).has_value(), "nothing may follow a head");
  }
  const auto defect = http::find_framing_defect(head);
  if (defect && !defect->has_certain_end) return;
  check_head(head, defect);
  check_chunks(text.substr(end));
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fechatter::fuzz::check_request(fechatter::fuzz::text_of(data, size));
  return 0;
}
