#pragma once

#include "fechatter_core/repository/annotation_repository.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

inline constexpr std::int64_t saved_max = 1'000;  // messages of one user

// Contract, threads and errors: AnnotationRepository.
class PostgresAnnotationRepository final : public AnnotationRepository {
 public:
  // In a chat with more than `member_limit` members, its members receive the counts of reactions
  // instead of each reaction.
  PostgresAnnotationRepository(EventfulDatabase& database, std::int64_t member_limit)
      : database_{database}, member_limit_{member_limit} {}

  awaitable<AnnotatedOutcome> set_reaction(Caller caller, ChatId chat, MessageId message,
                                           std::string emoji, bool present) override;
  awaitable<AnnotationOutcome> set_pin(Caller caller, ChatId chat, MessageId message,
                                       bool present) override;
  awaitable<ListedPins> pins(Caller caller, ChatId chat, KeyPage page) override;
  awaitable<AnnotationOutcome> set_saved(Caller caller, MessageId message, bool present) override;
  awaitable<AnnotatedList> saved(Caller caller, KeyPage page) override;

 private:
  EventfulDatabase& database_;
  const std::int64_t member_limit_;
};

}  // namespace fechatter::server
