#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fechatter::notify {

// `away`: with an open stream, but inactive. No client sets it yet; wherever clients see a status,
// an away user counts as online.
enum class PresenceStatus : std::uint8_t { online, away, offline };

// "online", "away" or "offline".
std::string_view to_text(PresenceStatus status);
// Nothing for any other text.
std::optional<PresenceStatus> parse_presence_status(std::string_view text);

}  // namespace fechatter::notify
