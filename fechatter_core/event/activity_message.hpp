#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/event/presence_status.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::event {

// What a user's client has done or said at fechatter_server, for all instances of notify_server.
// The activity itself has no field: each message proves it.
struct ActivityMessage {
  struct Typing {
    ChatId chat_id;
    std::string user_name;
    bool is_typing = true;
    Timestamp expires_at;

    friend bool operator==(const Typing&, const Typing&) = default;
  };
  // Grows with the format; each version can read the older ones and the newer ones.
  static constexpr std::int64_t current_version = 1;

  UserId user_id;
  WorkspaceId workspace_id;
  SessionId session_id;
  Timestamp at;                             // by the clock of fechatter_server
  std::optional<PresenceStatus> said = {};  // online or away
  std::string platform = {};                // of the session; empty: it has not said
  std::optional<Typing> typing = {};

  friend bool operator==(const ActivityMessage&, const ActivityMessage&) = default;
};

// One JSON object, times in microseconds since 1970:
//   {"version":1,"user":11,"workspace":1,"session":5,"at":1767225600000000,"said":"away",
//    "platform":"web","typing":{"chat":12,"name":"Bob","is_typing":true,
//    "expires_at":1767225610000000}}
std::string to_text(const ActivityMessage& message);

// Nothing when the text is malformed. Never throws. A message of a newer version may have further
// fields; a status that this version does not know counts as not said.
std::optional<ActivityMessage> parse_activity(std::string_view text);

}  // namespace fechatter::event
