#include "fechatter_core/text/password.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>

#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/visibility.hpp"

namespace fechatter {
namespace {

using Script = UScriptCode;

bool is_one_of(UChar32 code, std::initializer_list<UChar32> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_arabic_digit(char32_t code) {
  return code >= 0x0660 && code <= 0x0669;
}

bool is_persian_digit(char32_t code) {
  return code >= 0x06f0 && code <= 0x06f9;
}

Script script_at(const std::u32string& text, std::size_t at) {
  UErrorCode error = U_ZERO_ERROR;
  return at < text.size() ? uscript_getScript(static_cast<UChar32>(text[at]), &error)
                          : USCRIPT_COMMON;
}

bool has_script(const std::u32string& text, std::initializer_list<Script> scripts) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto script = script_at(text, at);
    if (std::find(scripts.begin(), scripts.end(), script) != scripts.end()) return true;
  }
  return false;
}

// The characters that need a context (CONTEXTO, RFC 5892 A.3 to A.9); others need none. Of the
// digits of Arabic and Persian a text may have one kind.
bool has_context(const std::u32string& text, std::size_t at) {
  const auto is_l = [&](std::size_t i) { return i < text.size() && text[i] == U'l'; };
  const auto before = at == 0 ? text.size() : at - 1;
  switch (text[at]) {
    case 0x00b7: return is_l(before) && is_l(at + 1);
    case 0x0375: return script_at(text, at + 1) == USCRIPT_GREEK;
    case 0x05f3:
    case 0x05f4: return script_at(text, before) == USCRIPT_HEBREW;
    case 0x30fb: return has_script(text, {USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HAN});
    default: break;
  }
  if (!is_arabic_digit(text[at])) return true;
  return std::none_of(text.begin(), text.end(), is_persian_digit);
}

// Whether the FreeformClass has the character at all (RFC 8264 §8, in its order).
bool is_freeform(UChar32 code) {
  if (is_one_of(code, {0x0640, 0x07fa, 0x302e, 0x302f, 0x303b})) return false;  // Exceptions
  if (code >= 0x3031 && code <= 0x3035) return false;
  if (code < 0x80) return code >= 0x20 && code != 0x7f;
  const auto syllable = u_getIntPropertyValue(code, UCHAR_HANGUL_SYLLABLE_TYPE);
  const bool is_old_jamo = syllable == U_HST_LEADING_JAMO || syllable == U_HST_VOWEL_JAMO ||
                           syllable == U_HST_TRAILING_JAMO;
  if (is_old_jamo || u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return false;
  constexpr auto classes =
      U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;
  return U_GET_GC_MASK(code) & classes;
}

std::string with_ascii_spaces(std::string_view text) {
  std::string spaced;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto code = static_cast<UChar32>(next_character(text, at));
    const bool is_space = u_charType(code) == U_SPACE_SEPARATOR;
    spaced += is_space ? std::string_view{" "} : text.substr(begin, at - begin);
  }
  return spaced;
}

}  // namespace

std::optional<std::string> read_password(std::string_view typed) {
  auto password = composed(with_ascii_spaces(typed));
  std::u32string characters;
  for (std::size_t at = 0; at < password.size();) {
    const auto begin = at;
    const auto code = next_character(password, at);
    const bool is_joiner = code == 0x200c || code == 0x200d;
    const bool fits =
        is_joiner ? is_joiner_in_place(password, begin) : is_freeform(static_cast<UChar32>(code));
    if (!fits) return std::nullopt;
    characters += code;
  }
  for (std::size_t at = 0; at < characters.size(); ++at) {
    if (!has_context(characters, at)) return std::nullopt;
  }
  return characters.empty() ? std::nullopt : std::optional{std::move(password)};
}

}  // namespace fechatter
