#include "fechatter_core/text/folding.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace fechatter {
namespace {

// Bounds the work on a pile of marks; real text has fewer (UAX #15, stream-safe format).
constexpr int piece_length_max = 32;

struct Normalizers {
  const icu::Normalizer2* casefold;
  const icu::Normalizer2* decomposed;
};

const Normalizers& normalizers() {
  static const Normalizers instances = [] {
    UErrorCode error = U_ZERO_ERROR;
    const Normalizers found{icu::Normalizer2::getNFKCCasefoldInstance(error),
                            icu::Normalizer2::getNFDInstance(error)};
    if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
    return found;
  }();
  return instances;
}

// Letters that Unicode does not decompose, and how other keyboards of the same language write them.
struct PlainLetters {
  char32_t letter;
  std::u32string_view written;
};

constexpr PlainLetters plain_table[] = {
    {U'æ', U"ae"},
    {U'ð', U"d"},
    {U'ø', U"o"},
    {U'þ', U"th"},
    {U'đ', U"d"},
    {U'ħ', U"h"},
    {U'ı', U"i"},
    {U'ł', U"l"},
    {U'œ', U"oe"},
    // Yiddish digraphs.
    {0x05f0, U"\u05d5\u05d5"},
    {0x05f1, U"\u05d5\u05d9"},
    {0x05f2, U"\u05d9\u05d9"},
    // Arabic, Persian and Urdu: alef with madda or hamza, teh marbuta, alef maksura; wasla; kaf,
    // heh and yeh.
    {0x0622, U"\u0627"},
    {0x0623, U"\u0627"},
    {0x0625, U"\u0627"},
    {0x0629, U"\u0647"},
    {0x0649, U"\u064a"},
    {0x0671, U"\u0627"},
    {0x06a9, U"\u0643"},
    {0x06aa, U"\u0643"},
    {0x06be, U"\u0647"},
    {0x06c0, U"\u0647"},
    {0x06c1, U"\u0647"},
    {0x06c2, U"\u0647"},
    {0x06c3, U"\u0647"},
    {0x06cc, U"\u064a"},
    {0x06d5, U"\u0647"},
    // A Bengali letter and Malayalam ones without a vowel, which are also written with a virama.
    {0x09ce, U"\u09a4\u09cd"},
    {0x0d7a, U"\u0d23\u0d4d"},
    {0x0d7b, U"\u0d28\u0d4d"},
    {0x0d7c, U"\u0d30\u0d4d"},
    {0x0d7d, U"\u0d32\u0d4d"},
    {0x0d7e, U"\u0d33\u0d4d"},
    {0x0d7f, U"\u0d15\u0d4d"},
};

static_assert(std::is_sorted(std::begin(plain_table), std::end(plain_table),
                             [](auto a, auto b) { return a.letter < b.letter; }));

std::u32string_view plain_letters(char32_t code) {
  const auto* const found =
      std::lower_bound(std::begin(plain_table), std::end(plain_table), code,
                       [](const PlainLetters& row, char32_t c) { return row.letter < c; });
  const bool is_row = found != std::end(plain_table) && found->letter == code;
  return is_row ? found->written : std::u32string_view{};
}

// Cyrillic letters whose mark looks like an accent and is never left out.
bool is_letter_of_its_own(char32_t code) {
  return code == U'й' || code == U'ї' || code == U'ў' || code == U'ѓ' || code == U'ќ';
}

UScriptCode script_of(char32_t code) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(code), &error);
}

bool has_accents(UScriptCode script) {
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

bool is_mark(char32_t code) {
  return U_GET_GC_MASK(static_cast<UChar32>(code)) & (U_GC_MN_MASK | U_GC_ME_MASK);
}

// Whether the mark may be left out in writing. Accents and Arabic vowels belong to no one script
// (Inherited); so do the sound marks of the kana, which make other letters.
bool is_accent(char32_t code) {
  if (!is_mark(code) || kind_of(code) == CharacterKind::gram) return false;
  const auto script = script_of(code);
  return has_accents(script) || script == USCRIPT_ARABIC || script == USCRIPT_HEBREW ||
         script == USCRIPT_INHERITED || script == USCRIPT_COMMON;
}

// Variation selectors, the joiner, the keycap, skin tones, and the letters of regional flags.
bool changes_emoji(char32_t code) {
  return code == 0xfe0e || code == 0xfe0f || code == 0x200d || code == 0x20e3 ||
         (code >= 0x1f3fb && code <= 0x1f3ff) || (code >= 0xe0020 && code <= 0xe007f);
}

bool is_stretching(char32_t code) {
  return code == 0x0640;  // Arabic tatweel
}

// A digit of any script as the one of ASCII; every other character as it is.
char32_t as_ascii_digit(char32_t code) {
  const auto value = u_charDigitValue(static_cast<UChar32>(code));
  return value < 0 ? code : U'0' + static_cast<char32_t>(value);
}

// Appends the characters of one folded piece without their accents.
class AccentFilter {
 public:
  AccentFilter(FoldedCharacter original, std::vector<FoldedCharacter>& piece)
      : original_{original}, piece_{piece} {}

  void add(char32_t code) {
    if (is_accent(code)) return;
    icu::UnicodeString decomposed;
    if (has_accents(script_of(code)) && !is_letter_of_its_own(code) &&
        normalizers().decomposed->getDecomposition(static_cast<UChar32>(code), decomposed)) {
      put_decomposed(decomposed);
    } else {
      put_plain(code);
    }
  }

 private:
  void put_decomposed(const icu::UnicodeString& decomposed) {
    for (int i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
      const auto code = static_cast<char32_t>(decomposed.char32At(i));
      if (!is_accent(code)) put_plain(code);
    }
  }

  void put_plain(char32_t code) {
    const auto letters = plain_letters(code);
    if (letters.empty()) {
      put(code);
    } else {
      for (const auto letter : letters) put(letter);
    }
  }

  void put(char32_t code) {
    if (is_stretching(code)) return;
    code = as_ascii_digit(code);
    auto kind = kind_of(code);
    if (kind == CharacterKind::lower && original_.kind == CharacterKind::upper) {
      kind = CharacterKind::upper;
    }
    piece_.push_back({code, original_.begin, original_.end, kind});
  }

  const FoldedCharacter original_;
  std::vector<FoldedCharacter>& piece_;
};

bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

FoldedCharacter folded_ascii(char c, std::size_t at) {
  const auto code = static_cast<char32_t>(c);
  const auto kind = kind_of(code);
  const auto begin = static_cast<std::uint32_t>(at);
  return {kind == CharacterKind::upper ? code + ('a' - 'A') : code, begin, begin + 1, kind};
}

}  // namespace

bool Folding::next(std::vector<FoldedCharacter>& piece) {
  piece.clear();
  if (at_ == text_.size()) return false;
  if (is_ascii(text_[at_]) && (at_ + 1 == text_.size() || is_ascii(text_[at_ + 1]))) {
    piece.push_back(folded_ascii(text_[at_], at_));
    ++at_;
    return true;
  }
  auto behind = at_;
  const auto first = next_character(text_, behind);
  if (first == no_character) {
    const auto begin = static_cast<std::uint32_t>(at_);
    piece.push_back({0, begin, static_cast<std::uint32_t>(behind), CharacterKind::separator});
    at_ = behind;
  } else if (kind_of(first) == CharacterKind::emoji) {
    fold_emoji(piece);
  } else {
    fold_letters(piece);
  }
  return true;
}

void Folding::fold_emoji(std::vector<FoldedCharacter>& piece) {
  const auto begin = static_cast<std::uint32_t>(at_);
  auto behind = at_;
  const auto emoji = next_character(text_, behind);
  do {
    at_ = behind;
  } while (behind < text_.size() && changes_emoji(next_character(text_, behind)));
  piece.push_back({emoji, begin, static_cast<std::uint32_t>(at_), CharacterKind::emoji});
}

void Folding::fold_letters(std::vector<FoldedCharacter>& piece) {
  const auto& casefold = *normalizers().casefold;
  const auto begin = static_cast<std::uint32_t>(at_);
  const auto first = next_character(text_, at_);
  icu::UnicodeString original{static_cast<UChar32>(first)};
  for (int length = 1; at_ < text_.size() && length < piece_length_max; ++length) {
    auto behind = at_;
    const auto code = next_character(text_, behind);
    if (code == no_character || casefold.hasBoundaryBefore(static_cast<UChar32>(code))) break;
    original.append(static_cast<UChar32>(code));
    at_ = behind;
  }
  AccentFilter filter{{first, begin, static_cast<std::uint32_t>(at_), kind_of(first)}, piece};
  UErrorCode error = U_ZERO_ERROR;
  const auto is_folded = casefold.quickCheck(original, error) == UNORM_YES;
  const auto folded = is_folded ? std::move(original) : casefold.normalize(original, error);
  if (U_FAILURE(error)) throw std::runtime_error{u_errorName(error)};
  for (int i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    filter.add(static_cast<char32_t>(folded.char32At(i)));
  }
}

}  // namespace fechatter
