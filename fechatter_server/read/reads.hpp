#pragma once

#include "fechatter_core/service/read_service.hpp"
#include "fechatter_server/read/postgres_read_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: ReadService.
class Reads final : public ReadService {
 public:
  explicit Reads(PostgresReadRepository& repository) : repository_{repository} {}

  awaitable<ReadState> read(Caller caller, ChatId chat, ReadTarget target) override;
  awaitable<ReadState> unread(Caller caller, ChatId chat, MessageId message) override;
  awaitable<std::vector<ReadState>> list(Caller caller) override;

 private:
  PostgresReadRepository& repository_;
};

}  // namespace fechatter::server
