#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fechatter::server {

// The end of a page that takes two numbers, and its text: "<first>-<second>".
struct PageCursor {
  std::int64_t first = 0;
  std::int64_t second = 0;
};

std::string to_text(PageCursor cursor);
// Nullopt: no such text. Neither number is negative.
std::optional<PageCursor> parse_page_cursor(std::string_view text);

}  // namespace fechatter::server
