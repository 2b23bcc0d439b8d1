#pragma once

#include "fechatter_core/service/message_service.hpp"
#include "fechatter_server/message/postgres_message_repository.hpp"
#include "fechatter_server/message/storage_quotas.hpp"

namespace fechatter::server {

inline constexpr std::size_t content_length_max = 10'000;  // characters
inline constexpr std::size_t files_max = 20;
inline constexpr std::size_t file_url_length_max = 2048;
inline constexpr std::size_t mentions_max = 100;
inline constexpr std::size_t message_bytes_max = 64 * 1024;  // content, files, mentions as JSON

// The rules of a message that need no database. The draft comes out with its mentions as a sorted
// set, so that equal requests have equal JSON. Throws invalid_fields.
void check(MessageDraft& draft);
// Throws message_too_large, which names the longest field. `places` of the text may mention further
// members.
void require_size(const MessageDraft& draft, std::size_t places);

// Contract, threads and errors: MessageService.
class Messages final : public MessageService {
 public:
  Messages(PostgresMessageRepository& repository, const StorageQuotas& quotas)
      : repository_{repository}, quotas_{quotas} {}

  awaitable<SentMessage> send(Caller caller, ChatId chat, MessageDraft draft,
                              TraceContext trace) override;
  awaitable<Message> edit(Caller caller, ChatId chat, MessageId message, MessageEdit edit) override;
  awaitable<> remove(Caller caller, ChatId chat, MessageId message) override;
  awaitable<EditList> history(Caller caller, ChatId chat, MessageId message, KeyPage page) override;
  awaitable<Message> get(Caller caller, ChatId chat, MessageId message) override;
  awaitable<MessageList> list(Caller caller, ChatId chat, MessagePage page) override;

 private:
  PostgresMessageRepository& repository_;
  const StorageQuotas& quotas_;
};

}  // namespace fechatter::server
