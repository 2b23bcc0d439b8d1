#pragma once

#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/model/preferences.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

struct ChangedPreferences {
  bool changed = false;
  Preferences preferences;
};

struct ChangedChatPreferences {
  std::optional<ChatPreferences> preferences;  // nullopt: as find_of_chat
};

inline bool wrote_event(const ChangedPreferences& changed) {
  return changed.changed;
}
inline bool wrote_event(const ChangedChatPreferences& changed) {
  return changed.preferences.has_value();
}

// What users prefer. A change emits PreferencesUpdated for the user's own sessions. No method locks
// a chat. Threads and errors as described at UserRepository (repository/user_repository.hpp).
class PostgresPreferenceRepository {
 public:
  explicit PostgresPreferenceRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<Preferences> find(Caller caller);
  awaitable<ChangedPreferences> change(Caller caller, PreferencesPatch patch);

  // nullopt: no such chat, or the caller is no member of it.
  awaitable<std::optional<ChatPreferences>> find_of_chat(Caller caller, ChatId chat);
  awaitable<ChangedChatPreferences> change_of_chat(Caller caller, ChatId chat,
                                                   ChatPreferencesPatch patch);

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
