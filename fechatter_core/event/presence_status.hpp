#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fechatter {

// `away`: with an open stream, but inactive for a while, or the user has said so.
enum class PresenceStatus : std::uint8_t { online, away, offline };

// "online", "away" or "offline".
std::string_view to_text(PresenceStatus status);
// Nothing for any other text.
std::optional<PresenceStatus> parse_presence_status(std::string_view text);

inline constexpr std::size_t platform_length_max = 32;
// Whether a client may call its platform that: 1 to 32 ASCII letters, digits, spaces, '.', '_' and
// '-'.
bool is_platform(std::string_view text);

}  // namespace fechatter
