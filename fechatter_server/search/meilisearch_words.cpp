#include "fechatter_server/search/meilisearch_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "fechatter_core/text/character.hpp"

namespace fechatter::server {
namespace {

// Meilisearch drops words of more than 250 bytes.
constexpr std::size_t numbers_max = 40;

// The letters of one script in Meilisearch, and a letter of it with which no word begins: folding
// replaces it (þ), or it is out of use.
struct Alphabet {
  char32_t first;
  char32_t last;
  char32_t mark;
};

constexpr char32_t latin_mark = U'þ';

constexpr Alphabet alphabets[] = {
    {0x0061, 0x007a, latin_mark},  // Latin
    {0x0080, 0x02af, latin_mark},  // Latin with marks
    {0x0370, 0x03ff, 0x03e1},      // Greek
    {0x0400, 0x0481, 0x0471},      // Cyrillic
    {0x048a, 0x052f, 0x0471},      // more of it
    {0x0531, 0x058f, latin_mark},  // Armenian, which is no script of its own there
    {0x0591, 0x05ff, 0x05f0},      // Hebrew
    {0x0600, 0x06ff, 0x066f},      // Arabic
    {0x0750, 0x077f, 0x066f},      // more of it
    {0x0900, 0x097f, 0x0950},      // Devanagari
    {0x0980, 0x09ff, 0x09e1},      // Bengali
    {0x0a00, 0x0a7f, 0x0a74},      // Gurmukhi
    {0x0a80, 0x0aff, 0x0ae1},      // Gujarati
    {0x0b00, 0x0b7f, 0x0b61},      // Oriya
    {0x0b80, 0x0bff, 0x0bd0},      // Tamil
    {0x0c00, 0x0c7f, 0x0c61},      // Telugu
    {0x0c80, 0x0cff, 0x0ce1},      // Kannada
    {0x0d00, 0x0d7f, 0x0d61},      // Malayalam
    {0x0d80, 0x0dff, 0x0d8f},      // Sinhala
    {0x10a0, 0x10ff, 0x10f5},      // Georgian
    {0x1200, 0x137f, 0x135a},      // Ethiopic
    {0x1e00, 0x1eff, latin_mark},  // Latin of Vietnam
};

bool is_digit(char32_t code) {
  return code >= U'0' && code <= U'9';
}

// no_character: a letter of none of them.
char32_t mark_of(char32_t code) {
  const auto* const found = std::find_if(
      std::begin(alphabets), std::end(alphabets),
      [&](const Alphabet& alphabet) { return alphabet.first <= code && code <= alphabet.last; });
  return found == std::end(alphabets) ? no_character : found->mark;
}

// The mark of the alphabet that has all of its letters; digits belong to each.
char32_t mark_of_all(std::string_view token) {
  auto mark = no_character;
  for (std::size_t at = 0; at < token.size();) {
    const auto code = next_character(token, at);
    if (is_digit(code)) continue;
    const auto its = mark_of(code);
    if (its == no_character || (mark != no_character && its != mark)) return no_character;
    mark = its;
  }
  return mark == no_character ? latin_mark : mark;
}

// Of one length each, so that a prefix of a word is encoded as a prefix of the encoded word.
std::string by_numbers(std::string_view token, std::size_t characters_max) {
  std::string text;
  for (std::size_t at = 0; at < token.size() && characters_max > 0; --characters_max) {
    const auto code = static_cast<std::uint32_t>(next_character(token, at));
    fmt::format_to(std::back_inserter(text), "u{:05x}", code);
  }
  return text;
}

}  // namespace

EncodedWord encode_word(std::string_view token) {
  const auto mark = mark_of_all(token);
  if (mark == no_character) return {by_numbers(token, numbers_max), false};
  EncodedWord word{{}, true};
  append_character(word.text, mark);
  word.text += token;
  return word;
}

std::vector<Token> whole_tokens(std::string_view text) {
  auto tokens = tokenize(text);
  std::erase_if(tokens, [](const Token& token) { return token.part; });
  return tokens;
}

std::string encode_words(const std::vector<Token>& tokens, bool by_characters) {
  std::string text;
  for (const auto& token : tokens) {
    if (!text.empty()) text += ' ';
    const bool cut = by_characters && token.gram;
    text += cut ? by_numbers(token.text, 1) : encode_word(token.text).text;
  }
  return text;
}

std::size_t errors_tolerated_there(const EncodedWord& word) {
  const auto length = word.text.size();
  return length < one_error_length_min ? 0 : length < two_errors_length_min ? 1 : 2;
}

}  // namespace fechatter::server
