#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace fechatter {

// Ids are int64 and of distinct types, so that a chat's id cannot be passed as a user's.
template <class Tag>
struct Id {
  std::int64_t value = 0;  // 0: none; real ids begin at 1

  friend auto operator<=>(const Id&, const Id&) = default;
};

using UserId = Id<struct UserTag>;
using WorkspaceId = Id<struct WorkspaceTag>;
using SessionId = Id<struct SessionTag>;
using ChatId = Id<struct ChatTag>;
using MessageId = Id<struct MessageTag>;
using EventId = Id<struct EventTag>;
using InvitationId = Id<struct InvitationTag>;
using FileId = Id<struct FileTag>;
using UploadId = Id<struct UploadTag>;

}  // namespace fechatter

template <class Tag>
struct std::hash<fechatter::Id<Tag>> {
  std::size_t operator()(const fechatter::Id<Tag>& id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
