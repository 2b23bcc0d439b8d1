#pragma once

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/outbox/eraser.hpp"

namespace fechatter::server {

// ErasureStore in PostgreSQL, over a connection of its own. One thread.
class PostgresErasureStore final : public ErasureStore {
 public:
  explicit PostgresErasureStore(const std::string& database_url);

  std::vector<OpenErasure> open(std::size_t max) override;
  std::vector<std::uint64_t> ask(const std::vector<event::Erasure>& erasures) override;
  void settle(const std::vector<event::Position>& erased,
              const std::vector<event::Position>& without_text) override;
  // Removes up to 512 records that are older than `days`. Returns how many.
  std::int64_t forget(int days);

 private:
  postgres::Connection connection_;
};

}  // namespace fechatter::server
