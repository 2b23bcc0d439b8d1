#pragma once

#include "fechatter_core/repository/read_repository.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: ReadRepository.
class PostgresReadRepository final : public ReadRepository {
 public:
  explicit PostgresReadRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<MovedRead> read(Caller caller, ChatId chat, ReadTarget target) override;
  awaitable<MovedRead> unread(Caller caller, ChatId chat, MessageId message) override;
  awaitable<std::vector<ReadState>> list(Caller caller) override;

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
