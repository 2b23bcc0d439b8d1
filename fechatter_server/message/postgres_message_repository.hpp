#pragma once

#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: MessageRepository.
class PostgresMessageRepository final : public MessageRepository {
 public:
  // `keeps_history`: the texts that edits replace are kept.
  PostgresMessageRepository(EventfulDatabase& database, AppendQueue& queue, bool keeps_history)
      : database_{database}, queue_{queue}, keeps_history_{keeps_history} {}

  bool keeps_history() const { return keeps_history_; }

  awaitable<AppendOutcome> append(AppendRequest request) override {
    return queue_.append(std::move(request));
  }
  awaitable<EditedMessage> edit(Caller caller, ChatId chat, MessageId message, MessageEdit edit,
                                std::vector<MentionPlace> places) override;
  awaitable<MessageOutcome> remove(Caller caller, ChatId chat, MessageId message) override;
  awaitable<ListedEdits> history(Caller caller, ChatId chat, MessageId message,
                                 KeyPage page) override;
  awaitable<FoundMessage> find(Caller caller, ChatId chat, MessageId message) override;
  awaitable<ListedMessages> list(Caller caller, ChatId chat, MessagePage page) override;

 private:
  EventfulDatabase& database_;
  AppendQueue& queue_;
  const bool keeps_history_;
};

}  // namespace fechatter::server
