#include "fechatter_core/http/structured_field.hpp"

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

constexpr bool is_visible_or_space(char c) {
  return c >= 0x20 && c < 0x7f;
}

// What follows the closing quote: nothing, or parameters.
bool may_follow(std::string_view rest) {
  const auto parameters = trimmed(rest);
  return parameters.empty() || parameters.front() == ';';
}

}  // namespace

std::optional<std::string> item_text(std::string_view value) {
  if (!value.starts_with('"')) return std::string{value};
  std::string text;
  for (std::size_t at = 1; at < value.size(); ++at) {
    char c = value[at];
    if (c == '"') return may_follow(value.substr(at + 1)) ? std::optional{text} : std::nullopt;
    if (c == '\\') {
      if (++at == value.size()) break;
      c = value[at];
      if (c != '"' && c != '\\') break;
    }
    if (!is_visible_or_space(c)) break;
    text += c;
  }
  return std::nullopt;
}

}  // namespace fechatter::http
