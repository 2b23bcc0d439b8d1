#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "notify_server/presence/presence_message.hpp"

namespace fechatter::notify {

// A user whose presence a session wants to see.
struct PresenceSubject {
  UserId user_id;
  std::optional<Timestamp> last_seen = {};  // as it is stored; nothing: never yet

  friend bool operator==(const PresenceSubject&, const PresenceSubject&) = default;
};

// A session's list of subjects, from the instance that was asked to all others: one of them has the
// session's stream. It replaces the former list.
struct SubscriptionMessage {
  static constexpr std::int64_t current_version = 1;
  static constexpr std::size_t subjects_max = 200;

  std::uint64_t instance = 0;  // that was asked
  PresenceUser user;
  SessionId session_id;
  std::vector<PresenceSubject> subjects = {};  // of the user's workspace

  friend bool operator==(const SubscriptionMessage&, const SubscriptionMessage&) = default;
};

// One JSON object; a subject is [user id, last seen in microseconds since 1970, or 0]:
//   {"version":1,"instance":7,"user":11,"workspace":1,"session":5,"subjects":[[12,0]]}
std::string to_text(const SubscriptionMessage& message);

// Nothing when the text is malformed. Never throws. A message of a newer version may have further
// fields, also behind those of a subject.
std::optional<SubscriptionMessage> parse_subscription(std::string_view text);

}  // namespace fechatter::notify
