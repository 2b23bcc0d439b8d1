#pragma once

#include <utility>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_server/outbox/outbox_relay.hpp"

namespace fechatter::server {

// The database as the repositories that write events use it: they have no other access. A change
// says by its outcome whether it wrote an event, and then the relay is woken. Any thread; both
// methods throw what Database::run throws.
class EventfulDatabase {
 public:
  // `relay`: null when this process has none (tests and benchmarks of the repositories).
  EventfulDatabase(postgres::Database& database, OutboxRelay* relay)
      : database_{database}, relay_{relay} {}

  // `job` changes nothing.
  template <class F>
  auto read(F job) {
    return database_.run(std::move(job));
  }

  // `job` makes one change and returns its outcome, for which there is a wrote_event(outcome).
  template <class F>
  auto change(F job) {
    return database_.run([this, job = std::move(job)](postgres::Connection& connection) mutable {
      auto outcome = job(connection);
      if (wrote_event(outcome) && relay_) relay_->wake();
      return outcome;
    });
  }

 private:
  postgres::Database& database_;
  OutboxRelay* relay_;
};

}  // namespace fechatter::server
