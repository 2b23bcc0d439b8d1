#pragma once

#include "fechatter_core/service/annotation_service.hpp"
#include "fechatter_server/message/postgres_annotation_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: AnnotationService.
class Annotations final : public AnnotationService {
 public:
  explicit Annotations(PostgresAnnotationRepository& repository) : repository_{repository} {}

  awaitable<Message> react(Caller caller, ChatId chat, MessageId message,
                           std::string emoji) override;
  awaitable<Message> unreact(Caller caller, ChatId chat, MessageId message,
                             std::string emoji) override;
  awaitable<> pin(Caller caller, ChatId chat, MessageId message) override;
  awaitable<> unpin(Caller caller, ChatId chat, MessageId message) override;
  awaitable<AnnotatedList> pins(Caller caller, ChatId chat, KeyPage page) override;
  awaitable<> save(Caller caller, MessageId message) override;
  awaitable<> unsave(Caller caller, MessageId message) override;
  awaitable<AnnotatedList> saved(Caller caller, KeyPage page) override;

 private:
  awaitable<Message> set_reaction(Caller caller, ChatId chat, MessageId message, std::string emoji,
                                  bool present);

  PostgresAnnotationRepository& repository_;
};

}  // namespace fechatter::server
