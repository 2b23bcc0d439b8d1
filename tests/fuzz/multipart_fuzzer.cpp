#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/file_name.hpp"
#include "fechatter_core/http/multipart.hpp"
#include "fechatter_core/text/visibility.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// Bodies of multipart/form-data: the first line of the input is the request's Content-Type, the
// rest its body. And the names of files that are in them.
namespace fechatter::fuzz {
namespace {

using http::Multipart;
using http::PartHead;

constexpr std::size_t count_max = 20;

struct Part {
  std::string name;
  std::optional<std::string> file_name;
  std::string content_type;
  std::string content;
  bool is_whole = false;

  friend bool operator==(const Part&, const Part&) = default;
};

struct Form {
  std::vector<Part> parts;
  std::string refusal;

  friend bool operator==(const Form&, const Form&) = default;
};

void add_event(Form& form, const Multipart& parser, Multipart::Event event) {
  const bool is_open = !form.parts.empty() && !form.parts.back().is_whole;
  if (event == Multipart::Event::part_begins) {
    const auto& head = parser.head();
    require(!is_open, "a part begins after another one");
    form.parts.push_back({head.name, head.file_name, head.content_type, "", false});
  } else if (event == Multipart::Event::bytes) {
    require(is_open && !parser.bytes().empty(), "bytes are those of a part");
    form.parts.back().content += parser.bytes();
  } else if (event == Multipart::Event::part_ends) {
    require(is_open, "a part ends once");
    form.parts.back().is_whole = true;
  }
}

// `cut` takes the next piece off the rest of the body.
template <class Cut>
Form read_form(std::string_view boundary, std::string_view body, Cut cut) {
  Form form;
  Multipart parser{boundary, count_max};
  std::string piece;
  try {
    for (auto event = parser.next(); event != Multipart::Event::end; event = parser.next()) {
      add_event(form, parser, event);
      if (event != Multipart::Event::starved) continue;
      piece = body.empty() ? std::string{} : std::string{cut(body)};
      parser.feed(piece);
    }
    require(form.parts.empty() || form.parts.back().is_whole, "each part ends");
    require(parser.next() == Multipart::Event::end, "an end is one");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::malformed_request, "a bad body is the client's fault");
    form.refusal = error.what();
  }
  return form;
}

std::string_view cut_all(std::string_view& rest) {
  return std::exchange(rest, {});
}

std::string quoted(std::string_view text) {
  std::string escaped{'"'};
  for (const char c : text) {
    if (c == '\r') {
      escaped += "%0D";
    } else if (c == '\n') {
      escaped += "%0A";
    } else if (c == '"') {
      escaped += "%22";
    } else {
      escaped += c == '\\' ? "\\\\" : std::string{c};
    }
  }
  return escaped + '"';
}

std::string written(std::string_view boundary, const Form& form) {
  std::string body;
  for (const auto& part : form.parts) {
    body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=");
    body += quoted(part.name);
    if (part.file_name) body += "; filename=" + quoted(*part.file_name);
    if (!part.content_type.empty()) body += "\r\nContent-Type: " + part.content_type;
    body += "\r\n\r\n" + part.content + "\r\n";
  }
  return body.append("--").append(boundary).append("--\r\n");
}

void check_file_name(std::string_view offered) {
  const auto name = file::kept_name(offered);
  require(!name.empty() && name.size() <= file::name_bytes_max, "a name has its length");
  require(is_utf8(name) && is_visible_text(name), "a name can be seen");
  require(name.find_first_of("/\\") == name.npos, "a name has no folder");
  require(!name.starts_with('.') && !name.ends_with('.'), "a name has no dots at its ends");
  require(file::kept_name(name) == name, "a kept name is kept");
  const auto disposition = file::content_disposition(false, name);
  require(std::all_of(disposition.begin(), disposition.end(),
                      [](char c) { return c >= ' ' && c < 0x7f; }),
          "a header has visible ASCII only");
  require(std::count(disposition.begin(), disposition.end(), '"') == 2, "a name stays in quotes");
}

void check_form(std::string_view boundary, std::string_view body) {
  const auto form = read_form(boundary, body, cut_all);
  Choices choices{body};
  const auto cut = [&](std::string_view& rest) { return choices.cut(rest); };
  require(read_form(boundary, body, cut) == form, "pieces change nothing");
  require(form.parts.size() <= count_max, "a body has its number of parts");
  std::size_t size = 0;
  for (const auto& part : form.parts) {
    size += part.content.size();
    require(is_utf8(part.name) && is_utf8(part.content_type), "the texts of a part are UTF-8");
    if (part.file_name) check_file_name(*part.file_name);
  }
  require(size <= body.size(), "no byte is added");
  if (!form.refusal.empty()) return;
  const auto again = read_form(boundary, written(boundary, form), cut_all);
  require(again == form || again.refusal.ends_with("4096 bytes"), "a form that is sent comes back");
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fechatter;
  const auto input = fuzz::text_of(data, size);
  const auto line = std::min(input.find('\n'), input.size());
  if (is_utf8(input)) fuzz::check_file_name(input);
  try {
    const auto boundary = http::boundary_of(input.substr(0, line));
    fuzz::require(!boundary.empty() && boundary.size() <= http::boundary_length_max,
                  "a boundary has its length");
    fuzz::check_form(boundary, input.substr(std::min(line + 1, size)));
  } catch (const Error& error) {
    const auto status = error.info().status;
    fuzz::require(status == 400 || status == 415, "a bad type is the client's fault");
  }
  return 0;
}
