#pragma once

#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"

namespace fechatter {

// What a user prefers everywhere.
struct Preferences {
  std::string notifications;  // all, mentions, none
  bool show_read = true;      // others see how far the user has read, and the reverse
  std::optional<std::string> custom_status;
};

// A change of it; an absent field stays as it is, an empty status removes it.
struct PreferencesPatch {
  std::optional<std::string> notifications;
  std::optional<bool> show_read;
  std::optional<std::string> custom_status;
};

// What a member prefers for a chat.
struct ChatPreferences {
  std::optional<Timestamp> muted_until;  // nullopt: not muted
  bool mute_mentions = false;            // mentions do not get through a mute either
  bool hidden = false;                   // from the list of chats, until its next message
};

// A change of it; an absent field stays as it is, a time that has passed ends the mute.
struct ChatPreferencesPatch {
  std::optional<Timestamp> muted_until;
  std::optional<bool> mute_mentions;
  std::optional<bool> hidden;
};

}  // namespace fechatter
