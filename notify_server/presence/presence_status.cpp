#include "notify_server/presence/presence_status.hpp"

#include <array>
#include <utility>

namespace fechatter::notify {
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

}  // namespace fechatter::notify
