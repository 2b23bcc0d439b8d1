#pragma once

#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: MessageRepository.
class PostgresMessageRepository final : public MessageRepository {
 public:
  PostgresMessageRepository(EventfulDatabase& database, AppendQueue& queue)
      : database_{database}, queue_{queue} {}

  awaitable<AppendOutcome> append(AppendRequest request) override {
    return queue_.append(std::move(request));
  }
  awaitable<EditedMessage> edit(Caller caller, ChatId chat, MessageId message, MessageEdit edit,
                                std::vector<MentionPlace> places) override;
  awaitable<MessageOutcome> remove(Caller caller, ChatId chat, MessageId message) override;
  awaitable<FoundMessage> find(Caller caller, ChatId chat, MessageId message) override;
  awaitable<ListedMessages> list(Caller caller, ChatId chat, MessagePage page) override;

 private:
  EventfulDatabase& database_;
  AppendQueue& queue_;
};

}  // namespace fechatter::server
