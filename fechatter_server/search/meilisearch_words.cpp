#include "fechatter_server/search/meilisearch_words.hpp"

#include <algorithm>
#include <cctype>

#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t misspelt_length_min = 5;

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range one_by_one[] = {
    {0x2E80, 0x2FDF},   // radicals
    {0x3005, 0x3007},   // 々〆〇
    {0x3040, 0x30FA},   // kana
    {0x30FC, 0x30FF},   // ー and on
    {0x31F0, 0x31FF},   // small kana
    {0x3400, 0x4DBF},   // Han
    {0x4E00, 0x9FFF},   // Han
    {0xAC00, 0xD7A3},   // Hangul
    {0xF900, 0xFAFF},   // Han
    {0xFF66, 0xFF9F},   // kana of half width
    {0x20000, 0x3134F}  // Han
};

// From À on, but for scripts without spaces, and what has signs rather than letters.
constexpr Range alphabets[] = {
    {0x00C0, 0x00D6}, {0x00D8, 0x00F6}, {0x00F8, 0x0DFF}, {0x10A0, 0x177F}, {0x1800, 0x1FFF},
};

template <std::size_t size>
bool is_in(const Range (&ranges)[size], char32_t character) {
  return std::ranges::any_of(ranges, [&](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How many bytes the character has that begins with this one.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xC0U ? 1 : byte < 0xE0U ? 2 : byte < 0xF0U ? 3 : 4;
}

char32_t decoded(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  if (bytes.size() == 1) return first;
  char32_t character = first & (0xFFU >> (bytes.size() + 1));
  for (const char c : bytes.substr(1)) {
    character = (character << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return character;
}

template <class F>
void for_each_character(std::string_view text, F look) {
  while (!text.empty()) {
    const auto bytes = text.substr(0, length_of(text.front()));
    look(bytes, decoded(bytes));
    text.remove_prefix(bytes.size());
  }
}

bool is_letter(char32_t character) {
  return character < 0x80 ? std::isalnum(static_cast<int>(character)) != 0
                          : is_in(alphabets, character);
}

}  // namespace

std::string apart(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool was_alone = false;
  for_each_character(text, [&](std::string_view bytes, char32_t character) {
    const bool alone = is_in(one_by_one, character);
    if ((alone || was_alone) && !result.empty()) result += ' ';
    result += bytes;
    was_alone = alone;
  });
  return result;
}

bool is_plain_word(std::string_view text) {
  bool plain = true;
  for_each_character(
      text, [&](std::string_view, char32_t character) { plain = plain && is_letter(character); });
  return plain;
}

bool may_be_misspelt(std::string_view text) {
  return count_characters(text) >= misspelt_length_min && std::ranges::none_of(text, is_digit);
}

}  // namespace fechatter::server
