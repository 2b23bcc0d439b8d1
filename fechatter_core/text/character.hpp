#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fechatter {

// The class of a character in a search.
enum class CharacterKind : std::uint8_t {
  separator,  // in no token
  lower,      // letters, and the marks that belong to them
  upper,
  caseless,
  digit,
  gram,   // of a script that is written without spaces
  emoji,  // a token of its own
};

CharacterKind kind_of(char32_t code);

inline constexpr char32_t no_character = 0xffffffff;

// The character that begins at `at`, which moves past it; no_character for bytes that are not
// UTF-8. REQUIRES: at < text.size().
char32_t next_character(std::string_view text, std::size_t& at);

void append_character(std::string& text, char32_t code);

}  // namespace fechatter
