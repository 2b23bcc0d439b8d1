#pragma once

#include "fechatter_core/service/message_service.hpp"
#include "fechatter_server/message/postgres_message_repository.hpp"

namespace fechatter::server {

inline constexpr std::size_t content_length_max = 10'000;  // characters
inline constexpr std::size_t files_max = 20;
inline constexpr std::size_t file_url_length_max = 2048;
inline constexpr std::size_t mentions_max = 100;

// Contract, threads and errors: MessageService.
class Messages final : public MessageService {
 public:
  explicit Messages(PostgresMessageRepository& repository) : repository_{repository} {}

  awaitable<SentMessage> send(Caller caller, ChatId chat, MessageDraft draft) override;
  awaitable<Message> edit(Caller caller, ChatId chat, MessageId message,
                          std::string content) override;
  awaitable<> remove(Caller caller, ChatId chat, MessageId message) override;
  awaitable<Message> get(Caller caller, ChatId chat, MessageId message) override;
  awaitable<std::vector<Message>> list(Caller caller, ChatId chat, MessagePage page) override;

 private:
  PostgresMessageRepository& repository_;
};

}  // namespace fechatter::server
