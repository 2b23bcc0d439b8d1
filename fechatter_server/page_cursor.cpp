#include "fechatter_server/page_cursor.hpp"

#include <fmt/format.h>

#include <charconv>

namespace fechatter::server {

std::string to_text(PageCursor cursor) {
  return fmt::format("{}-{}", cursor.first, cursor.second);
}

std::optional<PageCursor> parse_page_cursor(std::string_view text) {
  PageCursor cursor;
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, cursor.first);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, cursor.second);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  if (cursor.first < 0 || cursor.second < 0) return std::nullopt;
  // Nor "-0-1" or "01-1", which no answer has given.
  return to_text(cursor) == text ? std::optional{cursor} : std::nullopt;
}

}  // namespace fechatter::server
