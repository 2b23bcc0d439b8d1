#include "fechatter_core/json_size.hpp"

namespace fechatter {
namespace {

std::size_t escaped_size(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '\b':
    case '\f':
    case '\n':
    case '\r':
    case '\t': return 2;
    default: return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;  // \u00XX
  }
}

}  // namespace

std::size_t json_size(std::string_view text) {
  std::size_t size = 2;
  for (const char c : text) size += escaped_size(c);
  return size;
}

std::size_t json_size(const std::vector<std::string>& texts) {
  auto size = 2 + (texts.empty() ? 0 : texts.size() - 1);
  for (const auto& text : texts) size += json_size(text);
  return size;
}

}  // namespace fechatter
