#pragma once

#include <string>
#include <string_view>

// The normal forms of Unicode (UAX #15). REQUIRES: the texts are UTF-8. Pure; any thread.
namespace fechatter {

// The form in which texts are stored: NFC.
std::string composed(std::string_view text);

// Equal for texts that differ in case, width, composition or invisible characters only: the match
// of identifiers without case, toNFKC_Casefold(NFD(text)) of the Unicode Standard (D147). It folds
// fully ("ß" is "ss", "ς" is "σ"), which lower() does not.
std::string case_folded(std::string_view text);

}  // namespace fechatter
