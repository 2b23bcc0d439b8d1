#pragma once

#include <nlohmann/json_fwd.hpp>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/draft.hpp"
#include "fechatter_server/message/storage_quotas.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

inline constexpr int scheduled_max = 100;  // of one user, waiting or failed

// A scheduled message that a server is about to send; one with a failure cannot be read.
struct DueMessage {
  ScheduledMessage scheduled;
  int tries = 1;  // this one included
};

// Messages that are sent later. Their times are compared with the database's clock. Rights are
// looked at when a message is scheduled, and again when it is sent (ScheduledSender). Any I/O
// thread. Throws chat_not_found or scheduled_not_found for what is not the caller's; other errors
// as described at UserRepository (repository/user_repository.hpp).
class ScheduledMessages {
 public:
  ScheduledMessages(EventfulDatabase& database, const StorageQuotas& quotas)
      : database_{database}, quotas_{quotas} {}

  // Throws invalid_fields, also for a time in the past or more than a year ahead;
  // message_too_large, chat_archived, chat_read_only, too_many_scheduled, quota_workspace,
  // quota_user.
  awaitable<ScheduledMessage> schedule(Caller caller, ChatId chat, MessageDraft message,
                                       Timestamp send_at);
  // `patch` has the fields of the message that change. One that has failed waits again. Throws the
  // same, and scheduled_being_sent from the moment at which the message is due.
  awaitable<ScheduledMessage> change(Caller caller, ScheduledMessageId id, nlohmann::json patch,
                                     std::optional<Timestamp> send_at);
  // Throws scheduled_being_sent.
  awaitable<> cancel(Caller caller, ScheduledMessageId id);
  // One statement, at most 1 MiB.
  awaitable<ScheduledMessageList> list(Caller caller, ScheduledMessageId after, std::size_t limit);

  // For ScheduledSender. Messages that are due, the earliest first; each is this server's for
  // `lease`.
  awaitable<std::vector<DueMessage>> claim(int slice, std::chrono::seconds lease);
  awaitable<> settle(ScheduledMessageId id);
  // Ends the claim of that try: the message is due again after `time`.
  awaitable<> release(ScheduledMessageId id, int tries, std::chrono::seconds time);
  // Emits ScheduledMessageFailed, unless an earlier attempt had sent the message.
  awaitable<> fail(ScheduledMessageId id, SendFailure failure);

 private:
  void require_storage(Caller caller) const;

  EventfulDatabase& database_;
  const StorageQuotas& quotas_;
};

}  // namespace fechatter::server
