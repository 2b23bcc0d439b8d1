#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace fechatter::fuzz {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "\nBROKEN PROMISE: %s\n", promise);
  std::abort();
}

Choices::Choices(std::string_view input) : state_{14695981039346656037ULL} {  // FNV-1a
  for (const char c : input) {
    state_ ^= static_cast<unsigned char>(c);
    state_ *= 1099511628211ULL;
  }
}

// xorshift64*; its state is never 0.
std::uint64_t Choices::next() {
  state_ |= state_ == 0 ? 1 : 0;
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 2685821657736338717ULL;
}

std::size_t Choices::up_to(std::size_t max) {
  return static_cast<std::size_t>((next() >> 11) % (max + 1));
}

std::string_view Choices::cut(std::string_view& rest) {
  constexpr std::size_t longest[] = {1, 2, 7, 64, 1024};
  const auto most = std::min(longest[up_to(4)], rest.size());
  const auto piece = rest.substr(0, std::max<std::size_t>(up_to(most), 1));
  rest.remove_prefix(piece.size());
  return piece;
}

}  // namespace fechatter::fuzz
