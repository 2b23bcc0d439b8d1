#include "fechatter_core/json_size.hpp"

#include <cstdint>

namespace fechatter {
namespace {

// Beside the character itself. Without a branch, and in the width of a character, so that the
// compiler makes a loop over vectors of it.
std::uint8_t escape_size(char c) {
  const bool has_short_escape = (c == '"') | (c == '\\') | (c == '\b') | (c == '\f') | (c == '\n') |
                                (c == '\r') | (c == '\t');
  const bool is_control = static_cast<unsigned char>(c) < 0x20;  // \u00XX
  return static_cast<std::uint8_t>((is_control & !has_short_escape) ? 5 : has_short_escape);
}

}  // namespace

std::size_t json_size(std::string_view text) {
  constexpr std::size_t block = 48;  // whose escapes a std::uint8_t counts
  static_assert(block * 5 <= UINT8_MAX);
  auto size = text.size() + 2;
  while (!text.empty()) {
    const auto part = text.substr(0, block);
    std::uint8_t escapes = 0;
    for (const char c : part) escapes = static_cast<std::uint8_t>(escapes + escape_size(c));
    size += escapes;
    text.remove_prefix(part.size());
  }
  return size;
}

std::size_t json_size(const std::vector<std::string>& texts) {
  auto size = 2 + (texts.empty() ? 0 : texts.size() - 1);
  for (const auto& text : texts) size += json_size(text);
  return size;
}

}  // namespace fechatter
