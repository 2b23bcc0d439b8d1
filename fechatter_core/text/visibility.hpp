#pragma once

#include <string_view>

namespace fechatter {

// Whether each character of a text can be seen and leaves its neighbours where they stand. Not so:
// control characters, line and paragraph separators, bidirectional controls, default-ignorable and
// blank characters, code points that are no characters. Invisible characters that Unicode wants at
// their place are fine: those of an emoji sequence (RGI), and the joiners of scripts that write
// with them (RFC 5892 A.1 and A.2). Space separators are fine as well. REQUIRES: the text is UTF-8
// in NFC. Pure; any thread.
bool is_visible_text(std::string_view text);

// The same for one character, wherever it stands: no emoji sequence and no joiner is excepted.
bool is_visible(char32_t code);

// The rules of RFC 5892 for a joiner (U+200C, U+200D) of a text.
bool is_joiner_in_place(std::string_view text, std::size_t at);

}  // namespace fechatter
