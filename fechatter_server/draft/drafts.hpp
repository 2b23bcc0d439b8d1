#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/draft.hpp"
#include "fechatter_server/message/storage_quotas.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// What has become of a change of a draft.
struct ChangedDraft {
  bool outdated = false;  // nothing was changed: another session has stored `draft`
  Draft draft;            // as it is now
};

// Drafts: one for each user and chat, seen by their user alone. All of the user's sessions get
// DraftUpdated, without the text. A draft ends with its membership. Any I/O thread.
// Throws chat_not_found for a chat that the caller is no member of; other errors as described at
// UserRepository (repository/user_repository.hpp).
class Drafts {
 public:
  Drafts(EventfulDatabase& database, const StorageQuotas& quotas)
      : database_{database}, quotas_{quotas} {}

  // An empty message ends the draft. `known_version` is the one that the caller changes; 0: there
  // was no draft; nullopt: any. Throws invalid_fields, message_too_large, and for a draft that does
  // not end quota_workspace, quota_user.
  awaitable<ChangedDraft> put(Caller caller, ChatId chat, MessageDraft message,
                              std::optional<std::int64_t> known_version);
  // Version 0 when there was never one.
  awaitable<Draft> get(Caller caller, ChatId chat);
  // The caller's drafts, the newest first, of versions before the given one; one statement, at most
  // 1 MiB.
  awaitable<DraftList> list(Caller caller, std::optional<std::int64_t> before, std::size_t limit);

 private:
  EventfulDatabase& database_;
  const StorageQuotas& quotas_;
};

}  // namespace fechatter::server
