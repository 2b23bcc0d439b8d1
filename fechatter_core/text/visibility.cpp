#include "fechatter_core/text/visibility.hpp"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <memory>
#include <stdexcept>

#include "fechatter_core/text/character.hpp"

namespace fechatter {
namespace {

constexpr UChar32 non_joiner = 0x200c;
constexpr UChar32 joiner = 0x200d;
constexpr UChar32 blank_braille = 0x2800;
constexpr std::uint8_t virama_class = 9;

bool is_joiner(UChar32 code) {
  return code == non_joiner || code == joiner;
}

// Never at its place.
bool is_control(UChar32 code) {
  constexpr auto controls = U_GC_CC_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK | U_GC_CS_MASK;
  return (U_GET_GC_MASK(code) & controls) || U_IS_UNICODE_NONCHAR(code) ||
         u_hasBinaryProperty(code, UCHAR_BIDI_CONTROL);
}

bool is_invisible(UChar32 code) {
  const bool is_format = u_charType(code) == U_FORMAT_CHAR &&
                         !u_hasBinaryProperty(code, UCHAR_PREPENDED_CONCATENATION_MARK);
  return is_format || code == blank_braille ||
         u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

// The joining type of the nearest character in that direction that is not transparent.
int joining_type(const icu::UnicodeString& text, int at, int step) {
  int type = U_JT_TRANSPARENT;
  for (at = text.moveIndex32(at, step); type == U_JT_TRANSPARENT; at = text.moveIndex32(at, step)) {
    if (at >= text.length()) return U_JT_NON_JOINING;
    type = u_getIntPropertyValue(text.char32At(at), UCHAR_JOINING_TYPE);
    if (at == 0) break;
  }
  return type;
}

bool is_in_place(const icu::UnicodeString& text, int at) {
  if (at == 0) return false;
  if (u_getCombiningClass(text.char32At(text.moveIndex32(at, -1))) == virama_class) return true;
  if (text.char32At(at) != non_joiner) return false;
  const auto before = joining_type(text, at, -1);
  const auto behind = joining_type(text, at, 1);
  return (before == U_JT_LEFT_JOINING || before == U_JT_DUAL_JOINING) &&
         (behind == U_JT_RIGHT_JOINING || behind == U_JT_DUAL_JOINING);
}

icu::UnicodeString utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

// Whether characters of a text belong to emoji sequences that are recommended for general
// interchange.
class EmojiSequences {
 public:
  explicit EmojiSequences(const icu::UnicodeString& text) : text_{text} {}

  bool have(int at) {
    if (!clusters_) open();
    const auto end = clusters_->following(at);
    const auto begin = clusters_->previous();
    return u_stringHasBinaryProperty(text_.getBuffer() + begin, end - begin, UCHAR_RGI_EMOJI);
  }

 private:
  void open() {
    UErrorCode error = U_ZERO_ERROR;
    clusters_.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
    if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
    clusters_->setText(text_);
  }

  const icu::UnicodeString& text_;
  std::unique_ptr<icu::BreakIterator> clusters_;  // made when it is needed
};

}  // namespace

bool is_visible_text(std::string_view text) {
  const auto units = utf16(text);
  EmojiSequences emoji{units};
  for (int at = 0; at < units.length(); at = units.moveIndex32(at, 1)) {
    const auto code = units.char32At(at);
    if (is_control(code)) return false;
    if (!is_invisible(code)) continue;
    const bool in_place = is_joiner(code) && is_in_place(units, at);
    if (!in_place && !emoji.have(at)) return false;
  }
  return true;
}

bool is_visible(char32_t code) {
  const auto character = static_cast<UChar32>(code);
  return !is_control(character) && !is_invisible(character);
}

bool is_joiner_in_place(std::string_view text, std::size_t at) {
  return is_in_place(utf16(text), utf16(text.substr(0, at)).length());
}

}  // namespace fechatter
