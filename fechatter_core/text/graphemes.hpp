#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace fechatter {

// Where the grapheme clusters (UAX #29) of a text begin: what users see as one character is never
// cut. One thread; the text must outlive it.
class Graphemes {
 public:
  explicit Graphemes(std::string_view text);
  ~Graphemes();
  Graphemes(const Graphemes&) = delete;
  Graphemes& operator=(const Graphemes&) = delete;

  // The nearest border at `at` (bytes) or before it, and at `at` or behind it. REQUIRES: `at` is
  // between two code points, or an end of the text.
  std::size_t border_before(std::size_t at);
  std::size_t border_behind(std::size_t at);

 private:
  struct Iterator;

  // Whether both neighbours of `at` are ASCII, which joins CR and LF only.
  bool is_plain(std::size_t at) const;
  Iterator& iterator();

  std::string_view text_;
  std::unique_ptr<Iterator> iterator_;  // made when it is needed
};

}  // namespace fechatter
