#pragma once

#include "fechatter_core/event/fan_out_settings.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

// RelayStore in PostgreSQL, over a connection of its own. Every call throws
// Error{database_unavailable} when there is no database, and event::TookTooLong.
class PostgresRelayStore final : public RelayStore {
 public:
  // The limit in `fan_out` is stored with each lease, for notify_server. A relay that waits for the
  // database longer than a second has lost its lease anyway.
  explicit PostgresRelayStore(
      const std::string& database_url, event::FanOutSettings fan_out = {},
      std::chrono::milliseconds statement_timeout = std::chrono::milliseconds{1000});

  std::optional<RelayState> acquire_lease(const std::string& holder) override;
  bool renew_lease(std::int64_t token) override;
  void release_lease(std::int64_t token) override;
  std::vector<OutboxRow> to_republish(const RelayState& state, BatchSize size) override;
  std::vector<OutboxRow> unpublished(BatchSize size) override;
  bool mark(const RelayState& state, const Published& published) override;
  std::vector<std::int64_t> created_of(const std::vector<std::int64_t>& ids) override;
  std::optional<RelayState> raise_epoch(std::int64_t token, const NewEpoch& next) override;
  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override;
  bool same_session() const override { return connection_.connects() == lease_session_; }
  bool maintain_partitions(int keep_days, int stream_days) override;

 private:
  template <class... Args>
  pqxx::result run(const postgres::Statement& statement, const Args&... args);

  postgres::Connection connection_;
  const event::FanOutSettings fan_out_;
  int lease_session_ = 0;
};

}  // namespace fechatter::server
