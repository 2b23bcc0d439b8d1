#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/ids.hpp"
#include "notify_server/presence/presence_status.hpp"

namespace fechatter::notify {

struct PresenceUser {
  UserId user_id;
  WorkspaceId workspace_id;

  friend bool operator==(const PresenceUser&, const PresenceUser&) = default;
};

// A user's first stream on this instance has opened (online), or the last one has closed (offline).
using OnPresence = std::function<void(PresenceUser, PresenceStatus)>;

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

    friend bool operator==(const Entry&, const Entry&) = default;
  };
  // Grows with the format; each version can read the older ones and the newer ones.
  static constexpr std::uint64_t current_version = 1;
  static constexpr std::size_t users_max = 1000;  // of one message

  std::uint64_t instance = 0;
  Kind kind = Kind::digest;
  std::size_t part = 0;  // of a digest
  std::size_t parts = 1;
  std::vector<Entry> users = {};  // of digest and delta

  friend bool operator==(const PresenceMessage&, const PresenceMessage&) = default;
};

// One JSON object:
//   {"version":1,"instance":7,"kind":"delta","users":{"online":[[11,1]],"offline":[[12,1]]}}
// A digest also has "part" and "parts"; a user is [user id, workspace id].
std::string to_text(const PresenceMessage& message);

// Nothing when the text is malformed. Never throws. So that a rolling upgrade works, a message of a
// newer version may have further fields, also behind a user's two ids, further kinds (`unknown`)
// and further statuses, which count as online: their users have a stream. What this version knows
// must keep its meaning.
std::optional<PresenceMessage> parse_presence(std::string_view text);

}  // namespace fechatter::notify
