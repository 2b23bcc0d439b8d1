#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace fechatter {

// Several texts as one, with a zero at its end; made by the compiler. For statements that share
// parts.
template <const std::string_view&... parts>
constexpr auto joined = [] {
  std::array<char, (parts.size() + ... + 1)> text{};
  auto* end = text.data();
  ((end = std::copy(parts.begin(), parts.end(), end)), ...);
  return text;
}();

}  // namespace fechatter
