#include "fechatter_core/file/file_name.hpp"

#include <unicode/uchar.h>

#include <algorithm>

#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/visibility.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::file {
namespace {

constexpr std::string_view unnamed = "file";
constexpr std::size_t kept_extension_max = 32;  // bytes, with the dot: beyond, it is no extension

std::string_view last_component(std::string_view path) {
  return path.substr(path.find_last_of("/\\") + 1);
}

std::string_view without_dots_and_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" .");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" .") - first + 1);
}

// Space separators become spaces. When a character is out of place, all invisible ones go.
std::string visible(std::string_view text) {
  const bool drops = !is_visible_text(text);
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto code = next_character(text, at);
    if (u_charType(static_cast<UChar32>(code)) == U_SPACE_SEPARATOR) {
      kept += ' ';
    } else if (!drops || is_visible(code)) {
      kept += text.substr(begin, at - begin);
    }
  }
  return composed(kept);
}

// Without the names' last characters: "COM1" is one, and so is "COM¹".
constexpr std::string_view device_names[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
constexpr std::string_view device_ports[] = {"com", "lpt"};
constexpr std::string_view device_digits[] = {"0", "1", "2", "3", "4", "5", "6",
                                              "7", "8", "9", "¹", "²", "³"};

bool is_port(std::string_view name) {
  for (const auto port : device_ports) {
    if (!name.starts_with(port)) continue;
    const auto digit = name.substr(port.size());
    return std::find(std::begin(device_digits), std::end(device_digits), digit) !=
           std::end(device_digits);
  }
  return false;
}

// Windows ignores what is behind the first dot, and blanks before it.
bool is_device(std::string_view name) {
  const auto stem = http::to_lower(without_dots_and_blanks(name.substr(0, name.find('.'))));
  return is_port(stem) || std::find(std::begin(device_names), std::end(device_names), stem) !=
                              std::end(device_names);
}

// With its dot; empty when there is none.
std::string_view extension_of(std::string_view name) {
  const auto extension = name.substr(std::min(name.rfind('.'), name.size()));
  return extension.size() <= kept_extension_max ? extension : std::string_view{};
}

// The longest beginning of at most `size` bytes that ends with a grapheme cluster.
std::string_view whole_clusters(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  Graphemes graphemes{text};
  return text.substr(0, graphemes.border_before(size));
}

std::string cut_to_size(std::string_view name) {
  if (name.size() <= name_bytes_max) return std::string{name};
  const auto extension = extension_of(name);
  const auto stem = name.substr(0, name.size() - extension.size());
  auto cut = whole_clusters(stem, name_bytes_max - extension.size());
  cut = without_dots_and_blanks(cut);
  return std::string{cut.empty() ? unnamed : cut}.append(extension);
}

std::string tidied(std::string_view offered) {
  const auto text = visible(offered);
  const auto trimmed = without_dots_and_blanks(text);
  auto name = cut_to_size(trimmed.empty() ? unnamed : trimmed);
  if (is_device(name)) name = cut_to_size('_' + name);
  return name;
}

// RFC 6266, appendix D: no quote, backslash or percent sign, which clients read differently.
std::string in_ascii(std::string_view name) {
  std::string ascii;
  for (std::size_t at = 0; at < name.size();) {
    const auto code = next_character(name, at);
    const bool plain = code >= ' ' && code < 0x7f && code != '"' && code != '\\' && code != '%';
    ascii += plain ? static_cast<char>(code) : '_';
  }
  return ascii;
}

// attr-char of RFC 8187 §3.2.1.
bool is_plain_attribute(char c) {
  constexpr std::string_view others = "!#$&+-.^_`|~";
  return http::is_letter(c) || http::is_digit(c) || others.find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    if (is_plain_attribute(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  return encoded;
}

}  // namespace

// The second time removes what the cut has left without its place: a joiner that joins nothing any
// more.
std::string kept_name(std::string_view offered) {
  const auto name = tidied(composed(last_component(offered)));
  return is_visible_text(name) ? name : tidied(name);
}

std::string content_disposition(bool is_inline, std::string_view name) {
  const auto ascii = in_ascii(name);
  auto value = std::string{is_inline ? "inline" : "attachment"} + "; filename=\"" + ascii + '"';
  if (ascii != name) value += "; filename*=UTF-8''" + percent_encoded(name);
  return value;
}

}  // namespace fechatter::file
