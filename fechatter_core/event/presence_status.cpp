#include "fechatter_core/event/presence_status.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "fechatter_core/ascii.hpp"

namespace fechatter {
namespace {

constexpr std::array<std::pair<PresenceStatus, std::string_view>, 3> names{
    {{PresenceStatus::online, "online"},
     {PresenceStatus::away, "away"},
     {PresenceStatus::offline, "offline"}}};

}  // namespace

std::string_view to_text(PresenceStatus status) {
  for (const auto& [known, name] : names) {
    if (known == status) return name;
  }
  return {};
}

std::optional<PresenceStatus> parse_presence_status(std::string_view text) {
  for (const auto& [status, name] : names) {
    if (name == text) return status;
  }
  return std::nullopt;
}

bool is_platform(std::string_view text) {
  const auto fits = [](char c) {
    return is_letter(c) || is_digit(c) || c == ' ' || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= platform_length_max &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace fechatter
