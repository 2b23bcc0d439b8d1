#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fechatter_core/text/character.hpp"

namespace fechatter {

// A character as it is compared, and the bytes of the original text that it stands for. Several can
// stand for the same bytes ("ß" is "ss"), and one for many ("e" and its accent).
struct FoldedCharacter {
  char32_t code = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  CharacterKind kind = CharacterKind::separator;  // letters: lower or upper as in the original
};

// Reads a text in pieces across which no normalization reaches (UAX #15): nearly always one
// character and its marks. Folds case and width (NFKC_Casefold), removes accents that do not make a
// letter of its own, and writes digits of all scripts as 0 to 9 and letters that keyboards of one
// language write differently as one of them. One thread; the text must outlive it.
class Folding {
 public:
  explicit Folding(std::string_view text) : text_{text} {}

  // Replaces `piece` by the next piece's characters: none for an invisible piece, a separator for
  // bytes that are not UTF-8. False at the end of the text.
  bool next(std::vector<FoldedCharacter>& piece);

 private:
  void fold_emoji(std::vector<FoldedCharacter>& piece);
  void fold_letters(std::vector<FoldedCharacter>& piece);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace fechatter
