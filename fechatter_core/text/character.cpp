#include "fechatter_core/text/character.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <array>

#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

constexpr std::array<CharacterKind, 0x80> ascii_kinds() {
  std::array<CharacterKind, 0x80> kinds{};
  for (char c = 'a'; c <= 'z'; ++c) kinds[c] = CharacterKind::lower;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[c] = CharacterKind::upper;
  for (char c = '0'; c <= '9'; ++c) kinds[c] = CharacterKind::digit;
  return kinds;
}

// Unicode counts some apostrophes among the letters (Ukrainian, Hawaiian).
bool is_apostrophe(UChar32 code) {
  return code >= 0x02b9 && code <= 0x02bf;
}

// The sound marks of the kana, which Unicode counts to no one script.
bool is_kana_mark(UChar32 code) {
  return code == 0x30fc || code == 0x3099 || code == 0x309a;
}

bool has_no_spaces(UChar32 code) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(code, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR: return true;
    default: return is_kana_mark(code);
  }
}

// Flags are written as two of the regional letters.
bool is_emoji(UChar32 code) {
  return u_hasBinaryProperty(code, UCHAR_EXTENDED_PICTOGRAPHIC) ||
         u_hasBinaryProperty(code, UCHAR_REGIONAL_INDICATOR);
}

}  // namespace

CharacterKind kind_of(char32_t code) {
  static constexpr auto ascii = ascii_kinds();
  if (code < ascii.size()) return ascii[code];
  const auto character = static_cast<UChar32>(code);
  const auto category = U_GET_GC_MASK(character);
  if (!(category & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK))) {
    return is_emoji(character) ? CharacterKind::emoji : CharacterKind::separator;
  }
  if (is_apostrophe(character)) return CharacterKind::separator;
  if (category & U_GC_ND_MASK) return CharacterKind::digit;  // of scripts without spaces, too
  if (has_no_spaces(character)) return CharacterKind::gram;
  if (category & U_GC_N_MASK) return CharacterKind::digit;
  if (category & (U_GC_LU_MASK | U_GC_LT_MASK)) return CharacterKind::upper;
  return category & U_GC_LL_MASK ? CharacterKind::lower : CharacterKind::caseless;
}

char32_t next_character(std::string_view text, std::size_t& at) {
  const auto length = sequence_length(text.substr(at));
  if (length == 0) {
    ++at;
    return no_character;
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  constexpr char32_t bits_of_first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code = byte(at) & bits_of_first[length];
  for (const auto end = at + length; ++at < end;) code = code << 6 | (byte(at) & 0x3f);
  return code;
}

void append_character(std::string& text, char32_t code) {
  char bytes[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code);
  text.append(bytes, length);
}

}  // namespace fechatter
