#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

inline constexpr std::size_t emoji_bytes_max = 64;

// The emoji that the text is, in one spelling: NFC, and with U+FE0F wherever an emoji could also be
// shown as text ("fully-qualified", UTS #51), so that a heart with and without it is one emoji.
// Nullopt for a text that is no emoji, more than one grapheme cluster, or longer than 64 bytes. An
// emoji is one that Unicode recommends (RGI), a code point that is reserved for emoji, or several
// of them that zero width joiners make one; so no invisible character hides in it. REQUIRES: the
// text is UTF-8. Pure; any thread.
std::optional<std::string> find_emoji(std::string_view text);

}  // namespace fechatter
