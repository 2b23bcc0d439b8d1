#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/event/presence_status.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::notify {

struct PresenceUser {
  UserId user_id;
  WorkspaceId workspace_id;

  friend bool operator==(const PresenceUser&, const PresenceUser&) = default;
};

// A stream of that session has opened on this instance, or one has closed.
using OnStream = std::function<void(PresenceUser, SessionId, bool opened)>;

// What the instances of notify_server exchange about the users with a stream.
struct PresenceMessage {
  enum class Kind {
    digest,   // all users of the instance, in parts
    delta,    // the users whose status has changed
    request,  // a new instance asks the others for their digests
    gone,     // the instance ends
    unknown,  // of a newer version: it proves only that its instance lives
  };
  struct Entry {
    PresenceUser user;
    PresenceStatus status = PresenceStatus::online;
    std::chrono::seconds idle{0};           // since the user's last activity
    std::string platform = {};              // of the session that was active last; empty: not known
    std::chrono::seconds platform_idle{0};  // since the last activity of that session

    friend bool operator==(const Entry&, const Entry&) = default;
  };
  // Grows with the format; each version can read the older ones and the newer ones.
  static constexpr std::uint64_t current_version = 2;
  static constexpr std::size_t users_max = 1000;  // of one message

  std::uint64_t instance = 0;
  Kind kind = Kind::digest;
  std::size_t part = 0;  // of a digest
  std::size_t parts = 1;
  std::vector<Entry> users = {};  // of digest and delta

  friend bool operator==(const PresenceMessage&, const PresenceMessage&) = default;
};

// One JSON object:
//   {"version":2,"instance":7,"kind":"delta",
//    "users":{"online":[[11,1,0,"web",0]],"offline":[[12,1,0,"",0]]}}
// A digest also has "part" and "parts"; a user is [user id, workspace id, idle, platform, idle of
// the platform], both in seconds. Version 1 has the two ids only.
std::string to_text(const PresenceMessage& message);

// Nothing when the text is malformed. Never throws. So that a rolling upgrade works, a message of a
// newer version may have further fields, also behind those of a user, further kinds (`unknown`)
// and further statuses, which count as online: their users have a stream. What this version knows
// must keep its meaning.
std::optional<PresenceMessage> parse_presence(std::string_view text);

}  // namespace fechatter::notify
