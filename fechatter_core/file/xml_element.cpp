#include "fechatter_core/file/xml_element.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t xml_reference_length_max = 10;  // "&#x10FFFF;" without '&'

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool begins_name(char c) {
  return is_letter(c) || c == '_';
}

bool is_in_name(char c) {
  return begins_name(c) || is_digit(c) || c == '-' || c == '.' || c == ':';
}

bool is_refused(char c) {
  return static_cast<unsigned char>(c) < 0x20 && !is_blank(c);
}

// A character that XML 1.0 has.
bool is_character(std::uint32_t point) {
  return point == 0x9 || point == 0xa || point == 0xd || (point >= 0x20 && point <= 0xd7ff) ||
         (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return add(point);
  if (point < 0x800) {
    add(0xc0 | (point >> 6));
  } else if (point < 0x10000) {
    add(0xe0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3f));
  } else {
    add(0xf0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3f));
    add(0x80 | ((point >> 6) & 0x3f));
  }
  add(0x80 | (point & 0x3f));
}

// Reads from the front of the document. Each function returns whether it found what it is called
// after; after a failure the reader is of no use any more.
class XmlReader {
 public:
  explicit XmlReader(std::string_view document) : rest_{document} {}

  bool document(XmlElement& root) {
    take("\xef\xbb\xbf");
    skip_blanks();  // S3 sends some while it puts parts together
    if (take("<?xml ") && !declaration()) return false;
    skip_blanks();
    if (!take("<") || !element(root, 1)) return false;
    skip_blanks();
    return rest_.empty();
  }

 private:
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  bool declaration() {
    const auto end = rest_.find("?>");
    if (end == std::string_view::npos || rest_.substr(0, end).find('<') != end_of_text)
      return false;
    rest_.remove_prefix(end + 2);
    return true;
  }

  bool name(std::string_view& into) {
    if (rest_.empty() || !begins_name(rest_.front())) return false;
    const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_in_name);
    into = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(into.size());
    return true;
  }

  // Behind its '<'.
  bool element(XmlElement& into, int depth) {
    std::string_view opened;
    if (depth > xml_depth_max || ++elements_ > xml_elements_max || !name(opened)) return false;
    into.name = opened;
    if (!attributes()) return false;
    if (take("/>")) return true;
    if (!take(">") || !content(into, depth)) return false;
    std::string_view closed;
    if (!name(closed) || closed != opened) return false;
    skip_blanks();
    return take(">");
  }

  bool attributes() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      skip_blanks();
      std::string_view ignored;
      if (!name(ignored)) return true;
      skip_blanks();
      if (!take("=")) return false;
      skip_blanks();
      if (!attribute_value()) return false;
    }
    return true;
  }

  bool attribute_value() {
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos || rest_.substr(0, end).find('<') != end_of_text)
      return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  // Up to and including the "</" of the element's end.
  bool content(XmlElement& into, int depth) {
    for (;;) {
      if (!text(into.text)) return false;
      if (take("</")) return true;
      if (!take("<")) return false;
      into.children.emplace_back();
      if (!element(into.children.back(), depth + 1)) return false;
    }
  }

  // Up to the next '<'.
  bool text(std::string& into) {
    while (!rest_.empty() && rest_.front() != '<') {
      if (rest_.front() == '&') {
        if (!reference(into)) return false;
        continue;
      }
      const auto end = std::min(rest_.find_first_of("<&"), rest_.size());
      into += rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    return true;
  }

  bool reference(std::string& into) {
    static constexpr std::pair<std::string_view, char> entities[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    const auto end = rest_.substr(1, xml_reference_length_max).find(';');
    if (end == std::string_view::npos) return false;
    const auto named = rest_.substr(1, end);
    rest_.remove_prefix(end + 2);
    if (named.starts_with('#')) return character(named.substr(1), into);
    for (const auto& [entity, c] : entities) {
      if (named != entity) continue;
      into += c;
      return true;
    }
    return false;
  }

  static bool character(std::string_view number, std::string& into) {
    const int base = number.starts_with('x') ? 16 : 10;
    if (base == 16) number.remove_prefix(1);
    std::uint32_t point = 0;
    const auto* const end = number.data() + number.size();
    const auto [rest, error] = std::from_chars(number.data(), end, point, base);
    if (error != std::errc{} || rest != end || !is_character(point)) return false;
    append_utf8(into, point);
    return true;
  }

  static constexpr auto end_of_text = std::string_view::npos;

  std::string_view rest_;
  std::size_t elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlElement& one) { return one.name == child; });
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_of(std::string_view child) const {
  const auto* const found = find(child);
  return found == nullptr ? std::string_view{} : std::string_view{found->text};
}

std::optional<XmlElement> parse_xml(std::string_view document) {
  if (document.size() > xml_bytes_max || !is_utf8(document)) return std::nullopt;
  if (std::any_of(document.begin(), document.end(), is_refused)) return std::nullopt;
  XmlElement root;
  if (!XmlReader{document}.document(root)) return std::nullopt;
  return root;
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '&': escaped += "&amp;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

}  // namespace fechatter::file
