#include "fechatter_core/text/emoji.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_core/text/normal_form.hpp"

namespace fechatter {
namespace {

constexpr UChar32 joiner = 0x200d;
constexpr UChar32 emoji_style = 0xfe0f;

bool has(UChar32 code, UProperty property) {
  return u_hasBinaryProperty(code, property);
}

// Without a following style or skin tone it is shown as text.
bool is_text_by_default(UChar32 code) {
  return has(code, UCHAR_EMOJI) && !has(code, UCHAR_EMOJI_PRESENTATION);
}

icu::UnicodeString fully_qualified(const icu::UnicodeString& text) {
  icu::UnicodeString bare;
  for (int at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    if (text.char32At(at) != emoji_style) bare.append(text.char32At(at));
  }
  icu::UnicodeString qualified;
  for (int at = 0; at < bare.length();) {
    const auto code = bare.char32At(at);
    at = bare.moveIndex32(at, 1);
    qualified.append(code);
    const bool toned = at < bare.length() && has(bare.char32At(at), UCHAR_EMOJI_MODIFIER);
    if (is_text_by_default(code) && !toned) qualified.append(emoji_style);
  }
  return qualified;
}

// A newer Unicode may have made it an emoji.
bool is_reserved(const icu::UnicodeString& element) {
  const auto code = element.char32At(0);
  return element.countChar32() == 1 && has(code, UCHAR_EXTENDED_PICTOGRAPHIC) &&
         u_charType(code) == U_UNASSIGNED;
}

bool is_known(const icu::UnicodeString& text) {
  return u_stringHasBinaryProperty(text.getBuffer(), text.length(), UCHAR_RGI_EMOJI);
}

bool is_joined_of_emoji(const icu::UnicodeString& text) {
  for (int begin = 0;;) {
    const auto found = text.indexOf(joiner, begin);
    const auto end = found < 0 ? text.length() : found;
    const icu::UnicodeString element{text, begin, end - begin};
    if (element.isEmpty() || (!is_known(element) && !is_reserved(element))) return false;
    if (found < 0) return true;
    begin = found + 1;
  }
}

bool is_one_cluster(std::string_view text) {
  std::size_t second = 0;
  next_character(text, second);
  return Graphemes{text}.border_behind(second) == text.size();
}

}  // namespace

std::optional<std::string> find_emoji(std::string_view text) {
  if (text.empty() || text.size() > emoji_bytes_max) return std::nullopt;
  const auto normal = composed(text);
  const icu::StringPiece bytes{normal.data(), static_cast<std::int32_t>(normal.size())};
  const auto units = fully_qualified(icu::UnicodeString::fromUTF8(bytes));
  if (!is_known(units) && !is_joined_of_emoji(units)) return std::nullopt;
  std::string emoji;
  units.toUTF8String(emoji);
  if (emoji.size() > emoji_bytes_max || !is_one_cluster(emoji)) return std::nullopt;
  return emoji;
}

}  // namespace fechatter
