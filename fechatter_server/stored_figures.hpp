#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "fechatter_core/postgres/database.hpp"

namespace fechatter::server {

// Events that were never published.
struct OutboxBacklog {
  static constexpr std::int64_t count_max = 10'000;

  std::int64_t pending = 0;   // at most count_max: more are not counted
  double oldest_seconds = 0;  // 0 when there is none
};

// Users that were seen in the last days, as user_presence has it.
struct ActiveUsers {
  std::int64_t day = 0;
  std::int64_t week = 0;
  std::int64_t month = 0;  // 30 days
};

// Figures for the metrics that only a statement has: the backlog of the outbox every 5 s by each
// instance, which counts 10,000 rows of an index at most; and the active users every ten minutes by
// the instance that holds the relay's lease, which reads user_presence as a whole. The connection's
// statement time-out ends what takes too long; then there is no figure until the next try.
class StoredFigures {
 public:
  // `holds_lease`: whether this instance holds the relay's lease; called by any thread. `database`
  // outlives this object.
  StoredFigures(postgres::Database& database, std::function<bool()> holds_lease)
      : database_{database}, holds_lease_{std::move(holds_lease)} {}

  // For ever, on one executor.
  awaitable<> run();

  // Any thread. Nothing: not known, or, of the users, another instance knows them.
  std::optional<OutboxBacklog> backlog() const;
  std::optional<ActiveUsers> active_users() const;

 private:
  using Clock = std::chrono::steady_clock;

  awaitable<> read_backlog();
  awaitable<> read_active_users();

  postgres::Database& database_;
  const std::function<bool()> holds_lease_;
  std::optional<Clock::time_point> users_read_at_;  // touched by run() only

  mutable std::mutex mutex_;
  std::optional<OutboxBacklog> backlog_;
  std::optional<ActiveUsers> active_users_;
};

}  // namespace fechatter::server
