#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::notify {

struct OnlineUser {
  UserId user_id;
  WorkspaceId workspace_id;

  friend bool operator==(const OnlineUser&, const OnlineUser&) = default;
};

// Somebody's first stream here has opened, or the last one has closed.
using OnPresence = std::function<void(OnlineUser, bool online)>;

// What one instance tells the others of the people with a stream there.
struct PresenceMessage {
  enum class Kind {
    digest,  // everybody, in parts
    delta,   // who came and who left
    ask,     // a newcomer would like everybody's digest
    gone,    // nobody any more: the instance ends
  };
  static constexpr std::size_t users_max = 1000;  // of one message

  std::uint64_t instance = 0;
  Kind kind = Kind::digest;
  std::size_t part = 0;  // of a digest
  std::size_t parts = 1;
  std::vector<OnlineUser> online = {};   // of digest and delta
  std::vector<OnlineUser> offline = {};  // of delta

  friend bool operator==(const PresenceMessage&, const PresenceMessage&) = default;
};

// As it travels: one JSON object.
std::string to_text(const PresenceMessage& message);
// Nothing for what is no such message. Never throws.
std::optional<PresenceMessage> parse_presence(std::string_view text);

}  // namespace fechatter::notify
