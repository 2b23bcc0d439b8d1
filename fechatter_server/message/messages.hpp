#pragma once

#include "fechatter_core/repository/message_repository.hpp"
#include "fechatter_core/service/message_service.hpp"

namespace fechatter::server {

inline constexpr std::size_t content_length_max = 10'000;  // characters
inline constexpr std::size_t files_max = 20;
inline constexpr std::size_t file_url_length_max = 2048;
inline constexpr std::size_t mentions_max = 100;

class Messages : public MessageService {
 public:
  explicit Messages(MessageRepository& repository) : repository_{repository} {}

  awaitable<SentMessage> send(auth::Identity caller, ChatId chat, MessageDraft draft) override;
  awaitable<Message> edit(auth::Identity caller, ChatId chat, MessageId message,
                          std::string content) override;
  awaitable<> remove(auth::Identity caller, ChatId chat, MessageId message) override;
  awaitable<std::vector<Message>> list(auth::Identity caller, ChatId chat,
                                       MessagePage page) override;

 private:
  MessageRepository& repository_;
};

}  // namespace fechatter::server
