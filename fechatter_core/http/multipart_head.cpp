#include "fechatter_core/http/multipart_head.hpp"

#include <algorithm>
#include <utility>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t parameters_max = 16;  // of one header

[[noreturn]] void refuse_content_type(const std::string& why) {
  throw Error{ErrorCode::malformed_request, "Content-Type: " + why};
}

[[noreturn]] void refuse_part_head(const std::string& why) {
  throw Error{ErrorCode::malformed_request, "body: a part's " + why};
}

constexpr bool is_boundary_char(char c) {
  constexpr std::string_view others = "'()+_,-./:=? ";
  return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

std::string checked_boundary(std::string_view boundary) {
  if (boundary.empty()) refuse_content_type("the boundary is empty");
  if (boundary.size() > boundary_length_max) {
    refuse_content_type("the boundary must have at most 70 characters");
  }
  if (!std::all_of(boundary.begin(), boundary.end(), is_boundary_char) || boundary.ends_with(' ')) {
    refuse_content_type("the boundary has a character that no boundary can have");
  }
  return std::string{boundary};
}

// One `; name=value` of a header, its value as it was written.
struct HeaderParameter {
  std::string name;  // in lower case
  std::string_view value;
  bool quoted = false;
};

// The number of bytes before the quote that closes a quoted string; npos without one. A backslash
// protects a quote only when another one can close the string: browsers do not escape backslashes,
// so a name can end with one.
std::size_t quoted_length(std::string_view text) {
  const auto last = text.rfind('"');
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] != '\\' || at + 1 >= text.size()) continue;
    const char next = text[at + 1];
    if (next == '\\' || (next == '"' && at + 1 != last)) ++at;
  }
  return std::string_view::npos;
}

// The parameters of a header, one call for each.
class HeaderParameters {
 public:
  explicit HeaderParameters(std::string_view rest) : rest_{rest} {}

  // False at the end, and where the text is malformed.
  bool next(HeaderParameter& parameter) {
    rest_ = trimmed(rest_);
    if (rest_.empty() || rest_ == ";") return false;
    malformed_ = ++count_ > parameters_max || !take(parameter);
    return !malformed_;
  }

  bool is_malformed() const { return malformed_; }

 private:
  bool take(HeaderParameter& parameter) {
    if (rest_.front() != ';') return false;
    const auto equals = rest_.find('=');
    if (equals == std::string_view::npos) return false;
    const auto name = trimmed(rest_.substr(1, equals - 1));
    if (!is_token(name)) return false;
    parameter.name = to_lower(name);
    rest_ = trimmed(rest_.substr(equals + 1));
    parameter.quoted = rest_.starts_with('"');
    return parameter.quoted ? take_quoted(parameter) : take_plain(parameter);
  }

  bool take_quoted(HeaderParameter& parameter) {
    const auto length = quoted_length(rest_.substr(1));
    if (length == std::string_view::npos) return false;
    parameter.value = rest_.substr(1, length);
    rest_.remove_prefix(length + 2);
    return true;
  }

  bool take_plain(HeaderParameter& parameter) {
    const auto end = std::min(rest_.find(';'), rest_.size());
    parameter.value = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return !parameter.value.empty() && parameter.value.find('"') == std::string_view::npos;
  }

  std::string_view rest_;
  std::size_t count_ = 0;
  bool malformed_ = false;
};

// Without the backslashes that protect a quote or a backslash.
std::string without_backslashes(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool protects =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (protects) ++at;
    plain += text[at];
  }
  return plain;
}

// The three characters that browsers write as %0A, %0D and %22 (WHATWG HTML, "escape a name"); any
// other '%' is itself.
std::string with_form_escapes_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto escape = to_lower(text.substr(at, 3));
    const char c = escape == "%22" ? '"' : escape == "%0d" ? '\r' : escape == "%0a" ? '\n' : '\0';
    if (c != '\0') at += 2;
    decoded += c != '\0' ? c : text[at];
  }
  return decoded;
}

std::string form_text(const HeaderParameter& parameter) {
  const auto text =
      parameter.quoted ? without_backslashes(parameter.value) : std::string{parameter.value};
  if (!is_utf8(text)) refuse_part_head(parameter.name + " is not UTF-8");
  return with_form_escapes_decoded(text);
}

void set_once(std::optional<std::string>& to, const HeaderParameter& parameter) {
  if (to) refuse_part_head("Content-Disposition has " + parameter.name + " twice");
  to = form_text(parameter);
}

void read_disposition(std::string_view value, PartHead& head) {
  const auto type = trimmed(value.substr(0, value.find(';')));
  if (!equals_ignoring_case(type, "form-data")) {
    refuse_part_head("Content-Disposition must be form-data");
  }
  std::optional<std::string> name;
  HeaderParameters parameters{value.substr(std::min(value.find(';'), value.size()))};
  for (HeaderParameter parameter; parameters.next(parameter);) {
    if (parameter.name == "name") set_once(name, parameter);
    if (parameter.name == "filename") set_once(head.file_name, parameter);
  }
  if (parameters.is_malformed()) refuse_part_head("Content-Disposition is malformed");
  if (!name) refuse_part_head("Content-Disposition has no name");
  head.name = *std::move(name);
}

void require_plain_part(std::string_view encoding) {
  for (const auto* plain : {"binary", "8bit", "7bit"}) {
    if (equals_ignoring_case(encoding, plain)) return;
  }
  refuse_part_head("Content-Transfer-Encoding must be binary");
}

// A header line that was read, of those that count.
struct SeenHeaders {
  bool disposition = false;
  bool type = false;
  bool encoding = false;

  bool* find(std::string_view name) {
    if (name == "content-disposition") return &disposition;
    if (name == "content-type") return &type;
    return name == "content-transfer-encoding" ? &encoding : nullptr;
  }
};

void read_part_line(std::string_view line, SeenHeaders& seen, PartHead& head) {
  if (line.front() == ' ' || line.front() == '\t') refuse_part_head("header is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    refuse_part_head("header is malformed");
  }
  const auto name = to_lower(line.substr(0, colon));
  const auto value = trimmed(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; })) {
    refuse_part_head("header has a control character");
  }
  bool* const was_seen = seen.find(name);
  if (!was_seen) return;
  if (*was_seen) refuse_part_head("header " + name + " is there twice");
  *was_seen = true;
  if (was_seen == &seen.disposition) read_disposition(value, head);
  if (was_seen == &seen.type) head.content_type = value;
  if (!is_utf8(head.content_type)) refuse_part_head("Content-Type is not UTF-8");
  if (was_seen == &seen.encoding) require_plain_part(value);
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
  const auto end_of_type = std::min(content_type.find(';'), content_type.size());
  if (!equals_ignoring_case(trimmed(content_type.substr(0, end_of_type)), "multipart/form-data")) {
    throw Error{ErrorCode::unsupported_media_type, "Content-Type must be multipart/form-data"};
  }
  std::optional<std::string> boundary;
  HeaderParameters parameters{content_type.substr(end_of_type)};
  for (HeaderParameter parameter; parameters.next(parameter);) {
    if (parameter.name != "boundary") continue;
    if (boundary) refuse_content_type("the boundary is there twice");
    boundary = checked_boundary(parameter.value);
    if (!parameter.quoted && boundary->find(' ') != std::string::npos) {
      refuse_content_type("a boundary with a space must be in quotes");
    }
  }
  if (parameters.is_malformed()) refuse_content_type("a parameter is malformed");
  if (!boundary) refuse_content_type("multipart/form-data needs a boundary");
  return *std::move(boundary);
}

PartHead read_part_head(std::string_view block) {
  PartHead head;
  SeenHeaders seen;
  while (!block.empty()) {
    const auto end = block.find("\r\n");
    if (end == 0 || end == std::string_view::npos) refuse_part_head("header is malformed");
    read_part_line(block.substr(0, end), seen, head);
    block.remove_prefix(end + 2);
  }
  if (!seen.disposition) refuse_part_head("header Content-Disposition is missing");
  return head;
}

}  // namespace fechatter::http
