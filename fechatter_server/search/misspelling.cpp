#include "fechatter_server/search/misspelling.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "fechatter_core/text/character.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {
namespace {

using CharacterSpan = std::span<const char32_t>;
using Row = std::array<std::size_t, token_length_max + 1>;

struct Decoded {
  std::array<char32_t, token_length_max> characters{};
  std::size_t length = 0;
};

Decoded decoded(std::string_view text) {
  Decoded token;
  for (std::size_t at = 0; at < text.size() && token.length < token_length_max;) {
    token.characters[token.length++] = next_character(text, at);
  }
  return token;
}

void drop_common_ends(CharacterSpan& a, CharacterSpan& b) {
  const auto front = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  a = a.subspan(front);
  b = b.subspan(front);
  const auto back = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
  a = a.first(a.size() - back);
  b = b.first(b.size() - back);
}

// Whether the optimal string alignment distance is `most` or less. Only the cells within `most` of
// the diagonal can be that small. REQUIRES: the lengths differ by `most` or less.
bool within_distance(CharacterSpan a, CharacterSpan b, std::size_t most) {
  const auto beyond = most + 1;
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = std::min(j, beyond);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& last = rows[(i + 2) % 3];
    const auto& before_last = rows[(i + 1) % 3];
    const auto first = i > most ? i - most : 1;
    const auto end = std::min(b.size(), i + most);
    row[first - 1] = first == 1 ? i : beyond;
    auto least = row[first - 1];
    for (auto j = first; j <= end; ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before_last[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > most) return false;
    if (end < b.size()) row[end + 1] = beyond;
  }
  return rows[a.size() % 3][b.size()] <= most;
}

}  // namespace

std::size_t errors_tolerated(std::string_view token) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < token.size(); ++length) {
    const auto kind = kind_of(next_character(token, at));
    const bool is_letter = kind == CharacterKind::lower || kind == CharacterKind::upper ||
                           kind == CharacterKind::caseless;
    if (!is_letter) return 0;
  }
  return length < 5 ? 0 : length < 9 ? 1 : 2;
}

bool is_misspelling(std::string_view word, std::string_view token, std::size_t errors_max) {
  if (word == token) return true;
  errors_max = std::min(errors_max, token_length_max);
  const auto a = decoded(word);
  const auto b = decoded(token);
  if (std::max(a.length, b.length) - std::min(a.length, b.length) > errors_max) return false;
  CharacterSpan rest_of_word{a.characters.data(), a.length};
  CharacterSpan rest_of_token{b.characters.data(), b.length};
  drop_common_ends(rest_of_word, rest_of_token);
  return within_distance(rest_of_word, rest_of_token, errors_max);
}

}  // namespace fechatter::server
