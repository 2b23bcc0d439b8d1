#pragma once

#include <cstddef>

namespace fechatter::server {

inline constexpr std::size_t page_bytes_max = 1024 * 1024;           // of most lists, as JSON
inline constexpr std::size_t chat_page_bytes_max = 4 * 1024 * 1024;  // of the list of chats

// Of a page that has a next one although it has fewer than `limit` elements.
inline constexpr const char* next_cursor_header = "X-Next-Cursor";

// Where a page of a list ends by its bytes: before the element that would exceed them, but never
// before the first one. Belongs to one page.
class PageBudget {
 public:
  explicit PageBudget(std::size_t bytes_max = page_bytes_max) : bytes_max_{bytes_max} {}

  // False: the page ends before this element, which takes so many bytes.
  bool admit(std::size_t bytes) {
    if (bytes_ > 0 && bytes_ + bytes > bytes_max_) return false;
    bytes_ += bytes;
    return true;
  }
  // Of the admitted elements.
  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
};

}  // namespace fechatter::server
